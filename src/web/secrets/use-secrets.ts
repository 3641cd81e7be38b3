import { useEffect, useState } from 'react'
import type { AuditAnswer, AuditRecordRow, SecretsAnswer } from '../../protocol/audit-answers.ts'
import type { ConfigAnswer } from '../../protocol/config-answers.ts'
import { useConsole, usePolled } from '../console/console-context.ts'
import type { Polled } from '../console/use-poll.ts'
import { type SecretFacts, secretsOf } from './secrets-facts.ts'

export interface KnownSecrets {
  readonly polled: Polled<SecretsAnswer>
  /** Absent before the first answer. */
  readonly secrets: readonly SecretFacts[] | undefined
}

const EVERY_MS = 10_000
const CONFIG_EVERY_MS = 30_000

/** All secrets that the system knows of, again and again: who refers to them, and who set them. */
export function useSecrets(): KnownSecrets {
  const polled = usePolled<SecretsAnswer>('/api/secrets', EVERY_MS)
  const config = usePolled<ConfigAnswer>('/api/config', CONFIG_EVERY_MS)
  const { answer } = polled
  const records = useRecords(answer && JSON.stringify(answer.secrets))
  return { polled, secrets: answer && secretsOf(answer, config.answer, records) }
}

/** What the audit trail tells of setting secrets; asked anew whenever there is something new to tell. */
function useRecords(news: string | undefined): readonly AuditRecordRow[] {
  const { call } = useConsole()
  const [records, setRecords] = useState<readonly AuditRecordRow[]>([])
  useEffect(() => {
    if (news === undefined || news === '[]') return
    let stopped = false
    void call<AuditAnswer>('/api/audit?what=secret.set').then((result) => {
      if (!stopped && result.kind === 'ok') setRecords(result.answer.records)
    })
    return () => {
      stopped = true
    }
  }, [news, call])
  return records
}
