import { type FormEvent, useState } from 'react'
import type { Taken } from './use-set-up.ts'

/** What the forms of all steps have in common: one attempt at a time, and why the last one did not succeed. */
export function useStepForm(take: () => Promise<Taken>) {
  const [busy, setBusy] = useState(false)
  const [trouble, setTrouble] = useState<{ sentence: string; remedy: string }>()
  const attempt = async (again: () => Promise<Taken> = take) => {
    if (busy) return
    setBusy(true)
    setTrouble(undefined)
    const taken = await again()
    setBusy(false)
    if (taken.kind === 'refused') setTrouble({ sentence: taken.reason, remedy: '' })
    // Nothing was stored; the step itself stands as it did before.
    else if (taken.answer.step.state === 'failed' && !taken.answer.changed) setTrouble(taken.answer.step)
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void attempt()
  }
  return { busy, trouble, attempt, submit }
}
