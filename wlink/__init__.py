"""wlink: the back end of a foreign-exchange broker's CRM, driven by its OpenAPI contract."""
