/** What happens to bytes that travel one way on one connection. */
export type Treatment =
  | { readonly kind: 'pass' }
  /** Nothing passes, nothing is lost: when it ends, what waited goes on its way, as TCP does when a partition heals. */
  | { readonly kind: 'hold' }
  /** Nothing passes and all is lost, so the connection is never well again: a router forgot it. */
  | { readonly kind: 'swallow' }
  | { readonly kind: 'delay'; readonly ms: number }
  /** At most so many bytes at a time: few of them are a trickle, many a throttle. */
  | { readonly kind: 'pace'; readonly bytes: number; readonly everyMs: number }
  /**
   * Each connection gets a judge of its own, which sees every chunk. Where it answers a number, so many bytes of that
   * chunk still pass, and then the connection is reset at both ends.
   */
  | { readonly kind: 'cut-at'; readonly judge: () => (chunk: Uint8Array) => number | undefined }

/** Both ways of a connection; what is absent passes. `forth` is from the one who is named first. */
export interface Treatments {
  readonly forth?: Treatment
  readonly back?: Treatment
}
