import type { FastifyRequest } from 'fastify'
import type { DocumentDiff } from '../config/config-diff.ts'
import type { AuditTrail } from '../ops/audit-trail.ts'
import { isSecretField } from '../ops/redaction.ts'
import { actorOf } from './audit-actor.ts'
import type { ChangeOutcome, ChangeRequest } from './config-desk.ts'

/** Makes a change of the configuration and records it. Only what was stored is an act; sent again by its key it is one. */
export function auditedChange(
  audit: AuditTrail,
  request: FastifyRequest,
  { act, asked }: { readonly act: 'config.change' | 'config.rollback'; readonly asked: ChangeRequest },
  change: () => Promise<ChangeOutcome>,
): Promise<ChangeOutcome> {
  const { key, reason } = asked
  return audit.act(actorOf(request), { act, on: 'configuration', key, reason }, async () => {
    const outcome = await change()
    if (outcome.kind !== 'stored') return { outcome, happened: 'nothing' }
    const { diffs, revision } = outcome
    const after = { revision, documents: sideOf(diffs, 'after') }
    return { outcome, happened: 'done', before: { documents: sideOf(diffs, 'before') }, after }
  })
}

/** The fields that changed, by document, as they were or as they are. */
function sideOf(diffs: readonly DocumentDiff[], side: 'before' | 'after'): Record<string, Record<string, string>> {
  const fieldsOf = ({ fields }: DocumentDiff) =>
    fields.flatMap((diff): [string, string][] => {
      const value = diff[side]
      return value === undefined ? [] : [[diff.field, isSecretField(diff.field) ? '***' : value]]
    })
  return Object.fromEntries(diffs.map((diff) => [diff.document, Object.fromEntries(fieldsOf(diff))]))
}
