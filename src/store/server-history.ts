/** Which database cluster a server is, and how often a standby has taken over in it. */
interface ServerIdentity {
  readonly system: string
  /** Rises by one with each promotion of a standby. */
  readonly timeline: number
}

/**
 * Remembers the furthest server that this process has used. A server that is behind it (the old primary that came back,
 * a restored copy) lacks what was acknowledged since, so it is refused instead of believed.
 */
export class ServerHistory {
  #furthest: ServerIdentity | undefined

  /** Why a server must not be used, as a sentence; `undefined` where it may, and is remembered. */
  objection(server: ServerIdentity): string | undefined {
    const furthest = this.#furthest
    if (furthest && server.system !== furthest.system)
      return `The server is another database cluster (${server.system}) than the one used so far (${furthest.system}).`
    if (furthest && server.timeline < furthest.timeline)
      return `The server is on timeline ${server.timeline}, behind timeline ${furthest.timeline} that was used already: it is an old primary.`
    this.#furthest = server
    return undefined
  }
}
