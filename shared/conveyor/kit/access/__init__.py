"""Who read personal data: routes say whom they show, the trail keeps a row of each successful read."""
