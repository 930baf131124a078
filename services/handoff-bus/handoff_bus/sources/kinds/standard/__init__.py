"""Kind `standard`: the Standard Webhooks signature over the bodies that the outside surface describes."""
