/** A broken assumption of our own code. It stops the process, or the command or conversation that is all it can harm. */
export class AssertionFailure extends Error {
  override readonly name = 'AssertionFailure'
}

/** Stays on in production: a wrong answer costs more than a restart, which nobody notices here. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionFailure(message)
}

/** Ends a `switch` or a chain of `if` over a union: forgetting a case does not compile. */
export function unreachable(value: never): never {
  throw new AssertionFailure(`unreachable: ${JSON.stringify(value)}`)
}
