import { createContext, type ReactNode, use, useEffect, useState } from 'react'
import type { AssetRow, AssetsAnswer } from '../../protocol/asset-answers.ts'
import type { SecretsAnswer } from '../../protocol/audit-answers.ts'
import { useConsole } from '../console/console-context.ts'
import type { FormField } from './form-fields.ts'
import type { Draft } from './form-values.ts'

/** What every control of a field gets. */
export interface ControlProps {
  readonly field: FormField
  readonly draft: Draft
  /** Where the field stands: `hours.0.from`. */
  readonly at: string
  readonly onChange: (draft: Draft) => void
  /** What stands below the control. */
  readonly more?: ReactNode
}

/** What the fields of a form know of the rest of the configuration. */
export interface FormWorld {
  readonly readOnly: boolean
  /** What is wrong with a field: `hours.0.from`. */
  readonly faultAt: (field: string) => string | undefined
  /** The documents of a kind: own names and titles. */
  readonly documents: (kind: string) => readonly { readonly own: string; readonly title: string }[]
  readonly images: readonly AssetRow[]
  /** Names of the secrets that are set; absent: nobody told yet. */
  readonly secrets?: readonly string[]
}

export const World = createContext<FormWorld | undefined>(undefined)

export function useWorld(): FormWorld {
  const world = use(World)
  if (!world) throw new Error('a field is shown outside a form')
  return world
}

/** The id of the control of a field, by which it is found when something is wrong with it. */
export const controlId = (field: string) => `field-${field}`

/** The images among the assets, where a form has use for them. */
export function useImages(wanted: boolean): readonly AssetRow[] {
  const answer = useOnce<AssetsAnswer>(wanted ? '/api/assets' : undefined)
  return (answer?.assets ?? []).filter(({ mediaType }) => mediaType.startsWith('image/'))
}

/** The names of the secrets that are set, where a form speaks of one. */
export function useSecretNames(wanted: boolean): readonly string[] | undefined {
  return useOnce<SecretsAnswer>(wanted ? '/api/secrets' : undefined)?.secrets.map(({ name }) => name)
}

function useOnce<Answer>(path: string | undefined): Answer | undefined {
  const { call } = useConsole()
  const [answer, setAnswer] = useState<Answer>()
  useEffect(() => {
    if (path === undefined) return
    let stopped = false
    void call<Answer>(path).then((result) => {
      if (!stopped && result.kind === 'ok') setAnswer(result.answer)
    })
    return () => {
      stopped = true
    }
  }, [path, call])
  return answer
}
