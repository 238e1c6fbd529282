"""Errors of a web shop, reported by the official Sentry SDK for Python as it comes, uncompressed.

Environment: SENTRY_DSN. The envelopes differ in what failed, in whose order, release, environment and tags.
"""

import sentry_sdk

sentry_sdk.init(
    release="shop@1.4.2", environment="production",
    _experiments={"transport_compression_level": 0},
)

KINDS = [KeyError, ValueError, TypeError, ConnectionError, TimeoutError, PermissionError, IndexError, RuntimeError]
PLACES = ["cart", "checkout", "payment", "search", "profile"]


def layer(depth, place, kind, order):
    if depth:
        return layer(depth - 1, place, kind, order)
    namespace = {}
    source = f"def handle_{place}(order, kind):\n    total = order['lines']\n    raise kind('no ' + '{place}')\n"
    exec(compile(source, f"shop/{place}.py", "exec"), namespace)
    return namespace[f"handle_{place}"](order, kind)


for number in range(200):
    kind, place = KINDS[number % len(KINDS)], PLACES[number // len(KINDS) % len(PLACES)]
    with sentry_sdk.isolation_scope() as scope:
        scope.set_user({"id": str(number % 37), "email": f"user{number % 37}@shop.example"})
        scope.set_tag("tenant", ["blue", "green", "red"][number % 3])
        scope.set_transaction_name(f"POST /{place}")
        for step in range(number % 20):
            sentry_sdk.add_breadcrumb(category="query", message=f"SELECT {step} FROM orders", level="info")
        try:
            layer(number % 12, place, kind, {"lines": list(range(number % 9)), "customer": f"customer {number}"})
        except Exception as error:
            sentry_sdk.capture_exception(error)
    sentry_sdk.flush(timeout=30)
