"""Any JSON: where its fields stand, and how they are written, is said in the settings."""
