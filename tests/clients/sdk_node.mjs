// A small shop on Node.js with the official Sentry SDK: it handles some of its failures, and dies of the last one.
//
// Environment: CLIENTS (folder with node_modules), SENTRY_DSN, SENTRY_RELEASE, SENTRY_ENVIRONMENT, ENDING
// (`exit` or `crash`).
import path from "node:path";
import { pathToFileURL } from "node:url";

const { CLIENTS, ENDING } = process.env;
const Sentry = await import(pathToFileURL(path.join(CLIENTS, "node_modules/@sentry/node/build/esm/index.js")).href);

// The DSN, the release and the environment are found by the SDK itself.
Sentry.init({ initialScope: { tags: { tenant: "blue" } } });

class PaymentError extends Error {
  name = "PaymentError";
}

function charge(order) {
  throw new PaymentError(`card of order ${order} declined`);
}

function refund(order) {
  throw new PaymentError(`order ${order} cannot be paid back`);
}

function ship(order) {
  return order.address.street;
}

/** Hands a failure to the SDK; says which event it became. */
function handled(work, customer) {
  try {
    work();
    return null;
  } catch (error) {
    return Sentry.withScope((scope) => {
      scope.setUser({ id: customer });
      return Sentry.captureException(error);
    });
  }
}

const events = [];
for (const [order, customer] of [[1, "ada"], [2, "bob"]]) {
  events.push(handled(() => charge(order), customer));
}
events.push(handled(() => refund(3), "ada"));
const flushed = await Sentry.flush(30_000);
console.log(JSON.stringify({ version: Sentry.SDK_VERSION, flushed, events }));
if (ENDING === "crash") {
  // Nobody catches it: the SDK reports it, and the process ends as Node.js ends such a process.
  ship({ number: 4 });
}
