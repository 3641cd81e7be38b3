import { useState } from 'react'
import type { ConfigChangeAnswer, ConfigDiffRow } from '../../protocol/config-answers.ts'
import { browserPorts } from '../connection/browser-ports-node.ts'
import { useConsole } from '../console/console-context.ts'
import { type ChangeOutcome, outcomeOf } from './change-facts.ts'

/** A change that somebody wants: documents, or a roll-back. */
export interface WantedChange {
  readonly path: '/api/config/changes' | '/api/config/rollback'
  readonly body: object
}

/** A change that was tried: what it would do, until somebody says why or lets it be. */
export interface AskedChange {
  readonly wanted: WantedChange
  readonly diffs: readonly ConfigDiffRow[]
  /** Sent again under the same key it is the same change. */
  readonly key: string
}

/**
 * A change in two steps, so that nothing is stored unseen: `ask` lets the server judge it and tells what it would do,
 * `store` does it.
 */
export function useChange() {
  const { call } = useConsole()
  const [asked, setAsked] = useState<AskedChange>()
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<string>()

  const send = async (wanted: WantedChange, more: object): Promise<ChangeOutcome> => {
    setBusy(true)
    const result = await call<ConfigChangeAnswer>(wanted.path, { ...wanted.body, ...more })
    setBusy(false)
    const outcome = outcomeOf(result)
    setTrouble(outcome.kind === 'trouble' ? outcome.sentence : undefined)
    return outcome
  }
  return {
    asked,
    busy,
    trouble,
    async ask(wanted: WantedChange): Promise<ChangeOutcome> {
      const key = browserPorts().random.id()
      const outcome = await send(wanted, { key, reason: 'to see what it would do', dryRun: true })
      if (outcome.kind === 'answered' && outcome.answer.diffs.length > 0)
        setAsked({ wanted, key, diffs: outcome.answer.diffs })
      return outcome
    },
    async store(reason: string): Promise<ChangeOutcome | undefined> {
      if (!asked) return undefined
      const outcome = await send(asked.wanted, { key: asked.key, reason })
      // Whoever asks why it was not stored has to see it; what cannot be known may be sent again.
      if (outcome.kind !== 'trouble') setAsked(undefined)
      return outcome
    },
    forget() {
      setAsked(undefined)
      setTrouble(undefined)
    },
  }
}
