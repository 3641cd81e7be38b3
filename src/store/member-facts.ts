import type { MemberFacts } from './log-store.ts'

const ROLES = ['chat', 'edge', 'backup'] as const
const MODES = ['enabled', 'disabled', 'draining'] as const
const OLDEST_FORMAT = 1

/**
 * What a node says of itself, as perhaps another version wrote it. What is missing or strange becomes what promises
 * least: no role, no new conversations, the oldest format.
 */
export function memberFactsIn(value: unknown): MemberFacts {
  const facts: Readonly<Record<string, unknown>> = typeof value === 'object' && value !== null ? { ...value } : {}
  const told = Array.isArray(facts.roles) ? facts.roles : []
  return {
    relayAddress: textIn(facts.relayAddress),
    httpUrl: textIn(facts.httpUrl),
    roles: ROLES.filter((role) => told.includes(role)),
    mode: MODES.find((mode) => mode === facts.mode) ?? 'disabled',
    version: textIn(facts.version),
    formatReads: countIn(facts.formatReads, OLDEST_FORMAT),
    owned: countIn(facts.owned, 0),
    attached: countIn(facts.attached, 0),
  }
}

function textIn(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

function countIn(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : fallback
}
