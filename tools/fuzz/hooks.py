"""What Schemathesis must be told about our formats. Loaded through SCHEMATHESIS_HOOKS."""

from datetime import datetime

import schemathesis
from hypothesis import strategies

MOMENTS = strategies.datetimes(datetime(1900, 1, 1), datetime(2099, 12, 31, 23, 59, 59))

# The pattern knows how long months are; that a 29th of February needs a leap year, it cannot say.
schemathesis.openapi.format("tenant-time", MOMENTS.map(lambda at: f"{at:%Y-%m-%d %H:%M:%S}"))
