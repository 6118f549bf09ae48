"""Files written whole or not at all, and files that may come from anywhere opened safely."""
