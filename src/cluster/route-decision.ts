import type { Epoch, Incarnation } from '../base/ids.ts'

/**
 * Where a relay looks for the owner of one conversation.
 *
 *   asking a node --attached / ack--> found --moved, announce, link down--> asking another one at once
 *        |                                                                      |
 *        +--moved with no one to ask, no answer--> waiting (20 ms doubling) <---+
 *        +--third moved in a row--> asking the store once
 *
 * An owner that lives but cannot be reached from here gives the conversation to a node that reaches both.
 */
export interface Route {
  /** The highest epoch seen; what lower ones send is never believed. */
  readonly epoch: Epoch
  /** Who owns it as far as known; absent: whoever is preferred. */
  readonly owner?: Incarnation
  /** Answers `moved` since somebody last answered as the owner or the store was asked. */
  readonly movedAnswers: number
  /** Attempts that led nowhere since somebody last answered as the owner. */
  readonly failures: number
}

export const UNKNOWN_ROUTE: Route = { epoch: 0, movedAnswers: 0, failures: 0 }

export type RouteInput =
  /** Somebody answered as the owner. */
  | { readonly kind: 'found'; readonly by: Incarnation; readonly epoch?: Epoch }
  /** A node that was asked, or the owner so far, says that it is not the owner. */
  | { readonly kind: 'moved'; readonly by: Incarnation; readonly owner?: Incarnation; readonly epoch?: Epoch }
  /** No answer that helps: nobody to ask, no link, a time-out, a refusal for now. */
  | { readonly kind: 'no-answer' }
  | { readonly kind: 'announced'; readonly owner: Incarnation; readonly epoch: Epoch }
  | { readonly kind: 'store-says'; readonly owner?: Incarnation }

type RouteAct = 'stay' | 'ask-at-once' | 'ask-later' | 'ask-the-store'

interface RouteDecision {
  readonly route: Route
  readonly act: RouteAct
  /** Beside that, `by` is to take the conversation over from `owner`, which cannot be reached from here. */
  readonly relocate?: { readonly by: Incarnation; readonly owner: Incarnation }
}

const MOVED_ANSWERS_MAX = 3
// Behind the silence that made the owner suspect, a tenth of a second: owners that are gone have been replaced by then. A
// link that is only coming up may cost a handover too many, which nobody notices.
const RELOCATE_AFTER_FAILURES = 3

/**
 * What an input does to a route. `reachable` tells whether a node can be asked now. A first failure is followed by
 * another attempt at once (the usual one: a killed owner, whose successor claims when asked); later ones wait.
 */
export function decideRoute(
  route: Route,
  input: RouteInput,
  reachable: (incarnation: Incarnation) => boolean,
): RouteDecision {
  switch (input.kind) {
    case 'found':
      return {
        route: { epoch: Math.max(route.epoch, input.epoch ?? 0), owner: input.by, movedAnswers: 0, failures: 0 },
        act: 'stay',
      }
    case 'announced':
      if (input.epoch < route.epoch) return { route, act: 'stay' }
      return {
        route: { epoch: input.epoch, owner: input.owner, movedAnswers: 0, failures: route.failures },
        act: 'ask-at-once',
      }
    case 'no-answer':
      return missed(route)
    case 'store-says': {
      if (input.owner === undefined || !reachable(input.owner)) return missed(route)
      // Where the store's word has not helped before, asking there again can wait.
      return { route: { ...route, owner: input.owner }, act: route.failures > 1 ? 'ask-later' : 'ask-at-once' }
    }
    case 'moved':
      return decideMoved(route, input, reachable)
  }
}

/** The node to ask: the owner as known, else the best of the preferred ones, with each failure the next one. */
export function targetOf(
  route: Route,
  preferred: readonly Incarnation[],
  reachable: (incarnation: Incarnation) => boolean,
): Incarnation | undefined {
  if (route.owner !== undefined && reachable(route.owner)) return route.owner
  const able = preferred.filter(reachable)
  // The first is asked twice before the others: what it lacks most often is a moment.
  return able[Math.floor(route.failures / 2) % Math.max(able.length, 1)]
}

/** Milliseconds before the next attempt: 20 doubling to 500, spread over the upper half by `fraction` in [0, 1). */
export function backoffMs(failures: number, fraction: number): number {
  const ceiling = Math.min(500, 20 * 2 ** Math.max(failures - 1, 0))
  return ceiling * (0.5 + fraction / 2)
}

function decideMoved(
  route: Route,
  moved: Extract<RouteInput, { kind: 'moved' }>,
  reachable: (incarnation: Incarnation) => boolean,
): RouteDecision {
  const movedAnswers = route.movedAnswers + 1
  const believed = moved.owner !== undefined && (moved.epoch ?? route.epoch) >= route.epoch
  const elsewhere = believed && moved.owner !== undefined && moved.owner !== moved.by ? moved.owner : undefined
  const relocate =
    elsewhere !== undefined && !reachable(elsewhere) && route.failures >= RELOCATE_AFTER_FAILURES
      ? { relocate: { by: moved.by, owner: elsewhere } }
      : {}
  if (movedAnswers >= MOVED_ANSWERS_MAX) {
    const next = { ...withoutOwner(route), movedAnswers: 0, failures: route.failures + 1 }
    return { route: next, act: 'ask-the-store', ...relocate }
  }
  // It said so before it became the owner, and its announcement overtook the answer.
  const overtaken = route.owner === moved.by && (moved.epoch ?? route.epoch) < route.epoch
  if (overtaken) return { route: { ...route, movedAnswers, failures: route.failures + 1 }, act: 'ask-at-once' }
  if (elsewhere === undefined || !reachable(elsewhere)) return { ...missed({ ...route, movedAnswers }), ...relocate }
  const epoch = Math.max(route.epoch, moved.epoch ?? 0)
  return { route: { ...route, epoch, owner: elsewhere, movedAnswers }, act: 'ask-at-once' }
}

function missed(route: Route): RouteDecision {
  const act = route.failures === 0 ? 'ask-at-once' : 'ask-later'
  return { route: { ...withoutOwner(route), failures: route.failures + 1 }, act }
}

function withoutOwner({ epoch, movedAnswers, failures }: Route): Route {
  return { epoch, movedAnswers, failures }
}
