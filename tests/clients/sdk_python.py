"""A small shop on Python with the official Sentry SDK: it handles some of its failures, and dies of the last one.

Environment: SENTRY_DSN, SENTRY_RELEASE, SENTRY_ENVIRONMENT, ENDING (`exit` or `crash`).
"""

import json
import os

import sentry_sdk
from sentry_sdk.crons import MonitorStatus, capture_checkin

# The DSN, the release and the environment are found by the SDK itself.
# Other packages of this environment are no part of the program.
sentry_sdk.init(auto_enabling_integrations=False)
sentry_sdk.set_tag("tenant", "blue")


class PaymentError(Exception):
    pass


def charge(order):
    raise PaymentError(f"card of order {order} declined")


def refund(order):
    raise PaymentError(f"order {order} cannot be paid back")


def ship(order):
    return order["address"]["street"]


def handled(work, order, customer):
    """Hands a failure to the SDK; says which event it became."""
    try:
        work(order)
    except PaymentError as error:
        with sentry_sdk.new_scope() as scope:
            scope.set_user({"id": customer})
            return sentry_sdk.capture_exception(error)


def nightly():
    """A scheduled job tells how it runs; the monitor is made by what it says."""
    schedule = {"type": "crontab", "value": "0 3 * * *"}
    config = {"schedule": schedule, "timezone": "Europe/Vienna", "checkin_margin": 5}
    run = capture_checkin(monitor_slug="nightly", status=MonitorStatus.IN_PROGRESS, monitor_config=config)
    capture_checkin(monitor_slug="nightly", check_in_id=run, status=MonitorStatus.OK, duration=1.5, monitor_config=config)
    return run


events = [handled(charge, 1, "ada"), handled(charge, 2, "bob"), handled(refund, 3, "ada")]
run = nightly()
client = sentry_sdk.get_client()
client.flush(timeout=30)
# How it packs what it sends is the SDK's own choice; with the package `brotli` it is the least usual one.
packed = client.transport._compression_algo
print(json.dumps({"version": sentry_sdk.VERSION, "packed": packed, "events": events, "run": run}), flush=True)
if os.environ["ENDING"] == "crash":
    # Nobody catches it: the SDK reports it, and the process ends as Python ends such a process.
    ship({"number": 4})
