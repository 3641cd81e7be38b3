/** Facts of a span: names, numbers and codes. What people wrote is never among them. */
export type SpanFacts = Readonly<Record<string, string | number | boolean>>

/** One act that is measured, until it is ended. */
export interface Span {
  /** `fault`: what went wrong, where something did. */
  end(facts?: SpanFacts, fault?: string): void
}

/** What a caller says of the trace that it is in: the header `traceparent` (W3C Trace Context). */
export interface TraceCaller {
  readonly traceparent?: string
}

/** Measures acts one by one, for whoever collects traces. */
export interface Trace {
  begin(name: string, facts: SpanFacts, caller?: TraceCaller): Span
}
