"""The agreements of Landbuch: who was promised what, from partner to signed agreement."""
