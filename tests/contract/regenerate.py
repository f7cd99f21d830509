"""Write the published files of the contracts, by hand: ``python tests/contract/regenerate.py``."""

from __future__ import annotations

from pathlib import Path

from landbuch.contracts.publish import files

CONTRACTS = Path(__file__).resolve().parents[2] / "contracts"
FOLDERS = ("schemas", "examples", "vectors")


def published() -> dict[str, bytes]:
    """Read what stands published: JSON beside and below the three folders, but what is written by hand."""
    found = sorted(CONTRACTS.glob("*.json"))
    found += [path for folder in FOLDERS for path in sorted((CONTRACTS / folder).rglob("*.json"))]
    return {path.relative_to(CONTRACTS).as_posix(): path.read_bytes() for path in found}


def main() -> None:
    """Write every file that differs, and remove what is no longer published."""
    wanted, found = files(), published()
    for name, content in wanted.items():
        if found.get(name) != content:
            (CONTRACTS / name).parent.mkdir(parents=True, exist_ok=True)
            (CONTRACTS / name).write_bytes(content)
            print(f"wrote contracts/{name}")
    for name in found.keys() - wanted.keys():
        (CONTRACTS / name).unlink()
        print(f"removed contracts/{name}")


if __name__ == "__main__":
    main()
