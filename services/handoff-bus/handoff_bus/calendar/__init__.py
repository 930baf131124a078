"""The department's zone, currency and working days, announced as dated facts."""
