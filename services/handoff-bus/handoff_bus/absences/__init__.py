"""Who is away when. Routing gives nothing to somebody who is."""
