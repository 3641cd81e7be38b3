import { type Cancel, type Clock, every } from '../base/clock.ts'
import type { ConversationId, Incarnation, NodeName, Owner } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import type { Metrics } from '../base/metrics.ts'
import { LEASE, type MemberRow } from '../store/log-store.ts'
import type { Membership } from './membership.ts'
import { ConnectFailure, type Link, type Network } from './network.ts'
import { isHeard, judgePeer, type PeerVerdict } from './peer-decision.ts'
import { type Peers, RELAY_FRAME_MIN } from './peers.ts'
import { rendezvousOrder } from './rendezvous.ts'

// Frames of the links' own: a beat, with whether its sender hears the receiver, and "my link to this incarnation closed".
const BEAT = 1
const HEARD = 1
const UNHEARD = 0
const LINK_CLOSED = 2
const JUDGE_MS = 100
// A link that brings nothing for so long is given up and made anew: a router forgot it, or its end is gone unseen.
const SILENT_LINK_MS = 4000
// A look at the peers that comes so late says that this process stood still, not that they were silent.
const STOOD_STILL_MS = 400
const REDIAL_MS = 100
const REDIAL_MS_MAX = 1000

interface Peer {
  readonly owner: Owner
  link: Link | undefined
  lastHeardMs: number
  /** As its last beat said; a node of a version that says nothing of it is taken to hear. */
  hearsUs: boolean
  /** As it was told last. */
  toldHeard: boolean
  dialing: boolean
  redialMs: number
  refused: boolean
  readonly witnesses: Set<Incarnation>
  /** What the listeners were last told. */
  well: boolean
  /** A tombstone was asked for. */
  dead: boolean
}

/** Keeps one link to every other member, watches it, and tells who can be asked and who is gone. */
export class PeerLinks implements Peers {
  readonly #ports: { clock: Clock; log: Log; metrics: Metrics; network: Network }
  readonly #membership: Membership
  readonly #peers = new Map<Incarnation, Peer>()
  readonly #up: ((peer: Owner) => void)[] = []
  readonly #down: ((peer: Owner, reason: string) => void)[] = []
  readonly #frames: ((link: Link, frame: Uint8Array) => void)[] = []
  readonly #timers: Cancel[] = []
  readonly #handlers = {
    frame: (link: Link, frame: Uint8Array) => this.#received(link, frame),
    closed: (link: Link, reason: string) => this.#closed(link, reason),
  }
  #stopped = false
  #judgedAtMs = 0
  /** Since when no link is up although others live; absent: not so. */
  #aloneSinceMs: number | undefined

  constructor(ports: { clock: Clock; log: Log; metrics: Metrics; network: Network }, membership: Membership) {
    this.#ports = ports
    this.#membership = membership
  }

  start(): void {
    this.#ports.network.listen((link) => this.#accepted(link), this.#handlers)
    this.#membership.onChange(() => this.#reconcile())
    this.#judgedAtMs = this.#ports.clock.monotonicMs()
    this.#timers.push(every(this.#ports.clock, LEASE.beatMs, () => this.#beat()))
    this.#timers.push(every(this.#ports.clock, JUDGE_MS, () => this.#judgeAll()))
    this.#reconcile()
  }

  stop(): void {
    this.#stopped = true
    for (const cancel of this.#timers) cancel()
    this.#forgetAll('stopped')
  }

  /** After a new incarnation: every link spoke for the old one. */
  reset(): void {
    this.#forgetAll('a new incarnation began')
    this.#reconcile()
    for (const listener of this.#up) listener(this.self())
  }

  self(): Owner {
    return this.#membership.self()
  }

  members(): readonly MemberRow[] {
    return this.#membership.members()
  }

  link(incarnation: Incarnation): Link | undefined {
    return this.#peers.get(incarnation)?.link
  }

  /** Every link that is up. */
  links(): readonly Link[] {
    return [...this.#peers.values()].flatMap(({ link }) => (link ? [link] : []))
  }

  trusted(incarnation: Incarnation): boolean {
    return this.#peers.get(incarnation)?.well === true
  }

  incarnationOf(node: NodeName): Incarnation | undefined {
    return this.members().find((member) => member.node === node && !member.tombstoned)?.incarnation
  }

  /**
   * How long this node has been cut off: others renew their leases in the store, and none of them can be reached. What
   * it owns is out of everybody's reach, too. Only time in which this node itself renewed counts: beats of others that
   * it has not read say nothing.
   */
  cutOffForMs(): number {
    if (this.#aloneSinceMs === undefined) return 0
    return Math.min(this.#ports.clock.monotonicMs() - this.#aloneSinceMs, this.#membership.steadyForMs())
  }

  preferred(conversation: ConversationId): readonly Incarnation[] {
    const self = this.self().incarnation
    const able = this.members().filter(
      (member) =>
        !member.tombstoned &&
        member.mode !== 'draining' &&
        (member.incarnation === self || this.trusted(member.incarnation)),
    )
    const ranked = (row: (member: MemberRow) => boolean): readonly Incarnation[] => {
      const candidates = able.filter(row)
      const order = rendezvousOrder(
        conversation,
        candidates.map(({ node }) => node),
      )
      return order.flatMap((node) =>
        candidates.filter((member) => member.node === node).map((member) => member.incarnation),
      )
    }
    const chat = (member: MemberRow) => member.roles.includes('chat')
    return [
      ...ranked((member) => chat(member) && member.mode === 'enabled'),
      ...ranked((member) => chat(member) && member.mode === 'disabled'),
      ...ranked((member) => !chat(member) && member.roles.includes('backup')),
    ]
  }

  onUp(listener: (peer: Owner) => void): void {
    this.#up.push(listener)
  }

  onDown(listener: (peer: Owner, reason: string) => void): void {
    this.#down.push(listener)
  }

  onFrame(listener: (link: Link, frame: Uint8Array) => void): void {
    this.#frames.push(listener)
  }

  #reconcile(): void {
    const self = this.self().incarnation
    const alive = new Set<Incarnation>()
    for (const member of this.members()) {
      if (member.incarnation === self || member.tombstoned) continue
      alive.add(member.incarnation)
      this.#dial(this.#peer(member), member)
    }
    for (const peer of [...this.#peers.values()]) {
      const row = this.members().find(({ incarnation }) => incarnation === peer.owner.incarnation)
      if (row?.tombstoned || (!alive.has(peer.owner.incarnation) && !peer.link))
        this.#forget(peer, 'it was declared dead')
    }
    this.#ports.metrics.gauge('relay_links', this.links().length)
  }

  #peer(owner: Owner): Peer {
    const known = this.#peers.get(owner.incarnation)
    if (known) return known
    const peer: Peer = {
      owner: { node: owner.node, incarnation: owner.incarnation },
      link: undefined,
      lastHeardMs: this.#ports.clock.monotonicMs(),
      hearsUs: true,
      toldHeard: true,
      dialing: false,
      redialMs: REDIAL_MS,
      refused: false,
      witnesses: new Set(),
      well: false,
      dead: false,
    }
    this.#peers.set(owner.incarnation, peer)
    return peer
  }

  #dials({ owner }: Peer): boolean {
    return this.self().incarnation < owner.incarnation
  }

  /** The one with the lower name dials, so that two nodes never keep two links. `probe`: only to see if it refuses. */
  #dial(peer: Peer, member: MemberRow, probe = false): void {
    const mine = this.#dials(peer)
    if (this.#stopped || peer.link || peer.dialing || (!mine && !probe)) return
    peer.dialing = true
    this.#ports.network.connect(member, this.#handlers).then(
      (link) => {
        peer.dialing = false
        if (!mine || this.#stopped || this.#peers.get(peer.owner.incarnation) !== peer) link.close('not needed')
        else this.#linked(peer, link)
      },
      (error: unknown) => {
        peer.dialing = false
        peer.refused = error instanceof ConnectFailure && error.kind === 'refused'
        this.#judge(peer)
        this.#ports.clock.after(peer.redialMs, () => this.#redial(peer))
        peer.redialMs = Math.min(peer.redialMs * 2, REDIAL_MS_MAX)
      },
    )
  }

  #redial(peer: Peer): void {
    const member = this.members().find(({ incarnation }) => incarnation === peer.owner.incarnation)
    if (member && !member.tombstoned && this.#peers.get(peer.owner.incarnation) === peer)
      this.#dial(peer, member, peer.refused)
  }

  #accepted(link: Link): void {
    const row = this.members().find(({ incarnation }) => incarnation === link.peer.incarnation)
    if (!row) this.#membership.refresh()
    if (this.#stopped || row?.tombstoned) return link.close('declared dead')
    const peer = this.#peer(link.peer)
    // Only to see whether anybody listens here: a link that this side made stays.
    if (this.#dials(peer)) return link.close('not needed')
    // The peer dialed again because it lost the old link; this side just has not noticed yet.
    const old = peer.link
    peer.link = undefined
    old?.close('replaced')
    this.#linked(peer, link)
  }

  #linked(peer: Peer, link: Link): void {
    peer.link = link
    peer.lastHeardMs = this.#ports.clock.monotonicMs()
    peer.hearsUs = true
    peer.redialMs = REDIAL_MS
    peer.refused = false
    peer.witnesses.clear()
    peer.well = true
    this.#ports.metrics.gauge('relay_links', this.links().length)
    for (const listener of this.#up) listener(peer.owner)
  }

  #received(link: Link, frame: Uint8Array): void {
    const peer = this.#peers.get(link.peer.incarnation)
    if (!peer || peer.link !== link) return
    peer.lastHeardMs = this.#ports.clock.monotonicMs()
    const type = frame[0] ?? 0
    if (type >= RELAY_FRAME_MIN) for (const listener of this.#frames) listener(link, frame)
    else if (type === BEAT) this.#heardBeat(peer, frame[1] !== UNHEARD)
    else if (type === LINK_CLOSED) this.#witnessed(new TextDecoder().decode(frame.subarray(1)), link.peer.incarnation)
  }

  #closed(link: Link, reason: string): void {
    const peer = this.#peers.get(link.peer.incarnation)
    if (!peer || peer.link !== link) return
    peer.link = undefined
    const report = new TextEncoder().encode(`\u0000${peer.owner.incarnation}`)
    report[0] = LINK_CLOSED
    for (const other of this.links()) other.send(report)
    this.#lost(peer, `the link closed (${reason})`)
    this.#membership.refresh()
  }

  #lost(peer: Peer, reason: string): void {
    peer.link = undefined
    this.#ports.metrics.gauge('relay_links', this.links().length)
    this.#tellDown(peer, reason, true)
    const member = this.members().find(({ incarnation }) => incarnation === peer.owner.incarnation)
    if (member && !member.tombstoned) this.#dial(peer, member, true)
  }

  /** Nobody is told as of a link that closed: silence is no sign of a death. */
  #giveUp(peer: Peer, link: Link): void {
    this.#lost(peer, 'its link was silent for too long')
    link.close('silent')
  }

  #witnessed(incarnation: Incarnation, witness: Incarnation): void {
    const peer = this.#peers.get(incarnation)
    if (!peer || peer.link) return
    peer.witnesses.add(witness)
    this.#judge(peer)
  }

  #heardBeat(peer: Peer, hearsUs: boolean): void {
    if (peer.hearsUs === hearsUs) return
    peer.hearsUs = hearsUs
    this.#judge(peer)
  }

  #beat(): void {
    for (const peer of this.#peers.values()) this.#beatTo(peer)
  }

  #beatTo(peer: Peer): void {
    peer.toldHeard = this.#hears(peer)
    peer.link?.send(Uint8Array.of(BEAT, peer.toldHeard ? HEARD : UNHEARD))
  }

  #hears({ link, lastHeardMs }: Peer): boolean {
    return isHeard({ linkUp: link !== undefined, lastHeardMs }, this.#ports.clock.monotonicMs(), LEASE)
  }

  #judgeAll(): void {
    this.#forgiveOwnPause()
    const nowMs = this.#ports.clock.monotonicMs()
    for (const peer of [...this.#peers.values()]) {
      this.#judge(peer)
      // Whoever is not heard learns it at once: it waits for answers that cannot come.
      if (this.#hears(peer) !== peer.toldHeard) this.#beatTo(peer)
      if (peer.link && nowMs - peer.lastHeardMs >= SILENT_LINK_MS) this.#giveUp(peer, peer.link)
    }
    const self = this.self().incarnation
    const others = this.members().some(
      ({ incarnation, tombstoned, beatAgeMs }) => incarnation !== self && !tombstoned && beatAgeMs < LEASE.leaseMs,
    )
    if (!others || [...this.#peers.values()].some(({ well }) => well)) this.#aloneSinceMs = undefined
    else this.#aloneSinceMs ??= this.#ports.clock.monotonicMs()
  }

  /** What came while this process stood still has not been read yet: nobody was silent meanwhile. */
  #forgiveOwnPause(): void {
    const nowMs = this.#ports.clock.monotonicMs()
    const lateMs = nowMs - this.#judgedAtMs - JUDGE_MS
    this.#judgedAtMs = nowMs
    if (lateMs >= STOOD_STILL_MS)
      for (const peer of this.#peers.values()) peer.lastHeardMs = Math.min(peer.lastHeardMs + lateMs, nowMs)
  }

  #judge(peer: Peer): void {
    const row = this.members().find(({ incarnation }) => incarnation === peer.owner.incarnation)
    const evidence = {
      linkUp: peer.link !== undefined,
      lastHeardMs: peer.lastHeardMs,
      hearsUs: peer.hearsUs,
      refused: peer.refused,
      witnesses: peer.witnesses,
      beatAgeMs: row?.beatAgeMs ?? 0,
      owns: row?.roles.some((role) => role !== 'edge') ?? true,
    }
    const verdict = judgePeer(evidence, this.#ports.clock.monotonicMs(), this.#membership.steadyForMs(), LEASE)
    this.#act(peer, verdict)
  }

  #act(peer: Peer, verdict: PeerVerdict): void {
    if (verdict.kind === 'well') {
      if (peer.well) return
      peer.well = true
      this.#ports.log.decision('trust', `${peer.owner.node} is heard again.`, { node: peer.owner.node })
      for (const listener of this.#up) listener(peer.owner)
      return
    }
    this.#tellDown(peer, verdict.reason)
    if (verdict.kind !== 'dead' || peer.dead || !this.#membership.leaseHeld()) return
    peer.dead = true
    const reason = `${peer.owner.node} is declared dead: ${verdict.reason}.`
    void this.#membership.tombstone(peer.owner.incarnation, reason).then((written) => {
      peer.dead = written
    })
  }

  /** A suspect peer whose link then closes is told twice: what it was still served through that link ends, too. */
  #tellDown(peer: Peer, reason: string, linkLost = false): void {
    if (!peer.well && !linkLost) return
    peer.well = false
    this.#ports.log.decision('suspect', `${peer.owner.node} is not asked any more: ${reason}.`, {
      node: peer.owner.node,
    })
    for (const listener of this.#down) listener(peer.owner, reason)
  }

  #forget(peer: Peer, reason: string): void {
    this.#peers.delete(peer.owner.incarnation)
    const { link } = peer
    peer.link = undefined
    link?.close(reason)
    this.#tellDown(peer, reason, link !== undefined)
  }

  #forgetAll(reason: string): void {
    for (const peer of [...this.#peers.values()]) this.#forget(peer, reason)
  }
}
