import { useEffect, useState } from 'react'
import type { AssetRow, AssetsAnswer } from '../../protocol/asset-answers.ts'
import { useConsole, usePolled } from '../console/console-context.ts'
import type { Polled } from '../console/use-poll.ts'

export interface Assets {
  readonly polled: Polled<AssetsAnswer>
  /** Absent before the first answer. */
  readonly rows: readonly AssetRow[] | undefined
}

const EVERY_MS = 15_000

/** All assets of the cluster, again and again. */
export function useAssets(): Assets {
  const { call } = useConsole()
  const polled = usePolled<AssetsAnswer>('/api/assets', EVERY_MS)
  const [further, setFurther] = useState<readonly AssetRow[]>([])
  const { answer } = polled
  useEffect(() => {
    let stopped = false
    const fetchFurther = async () => {
      const rows: AssetRow[] = []
      for (let next = answer?.next; next !== undefined; ) {
        const result = await call<AssetsAnswer>(`/api/assets?after=${next}`)
        // What was there before is better than a part.
        if (stopped || result.kind !== 'ok') return
        rows.push(...result.answer.assets)
        next = result.answer.next
      }
      setFurther((before) => (rows.length === 0 && before.length === 0 ? before : rows))
    }
    void fetchFurther()
    return () => {
      stopped = true
    }
  }, [answer, call])
  return { polled, rows: answer && [...answer.assets, ...further] }
}
