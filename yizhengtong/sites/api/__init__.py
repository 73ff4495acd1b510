"""The public HTTP API, OpenAPI 3.1: /api/resident, /api/staff, /api/partner."""
