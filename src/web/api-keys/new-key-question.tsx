import { SegmentedControl, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { ApiKeyMadeAnswer } from '../../protocol/account-answers.ts'
import { SCOPES, type Scope } from '../../protocol/tokens.ts'
import { TickList } from '../accounts/tick-list.tsx'
import { Question } from '../console/question.tsx'
import { useAct } from '../console/use-act.ts'
import { LIFETIME_NAMES, LIFETIMES, type Lifetime, SCOPE_MEANINGS } from './api-keys-facts.ts'

const EMPTY = { name: '', scopes: ['tokens'] as readonly Scope[], lifetime: 'quarter' as Lifetime }

/** Makes an API key. */
export function NewKeyQuestion(props: {
  open: boolean
  onClose: () => void
  onMade: (made: ApiKeyMadeAnswer) => void
}) {
  const [draft, setDraft] = useState(EMPTY)
  const { busy, trouble, forget, post } = useAct()
  const name = draft.name.trim()
  const close = () => {
    forget()
    setDraft(EMPTY)
    props.onClose()
  }
  const make = async () => {
    const { days } = LIFETIMES[draft.lifetime]
    const { scopes } = draft
    const made = await post<ApiKeyMadeAnswer>('/api/api-keys', { name, scopes, ...(days !== undefined && { days }) })
    if (!made) return
    close()
    props.onMade(made)
  }
  const body = (
    <>
      <TextInput
        label="Name"
        description="What the key is for: one key for each program, so that one can be revoked alone."
        placeholder="web-shop"
        autoComplete="off"
        spellCheck={false}
        maxLength={64}
        data-autofocus
        value={draft.name}
        onChange={({ currentTarget: { value } }) => setDraft((before) => ({ ...before, name: value }))}
      />
      <TickList
        legend="Scopes"
        choices={SCOPES}
        meanings={SCOPE_MEANINGS}
        chosen={draft.scopes}
        onChange={(scopes) => setDraft((before) => ({ ...before, scopes }))}
      />
      <div className="key-lifetime">
        <span id="key-lifetime">Ends after</span>
        <SegmentedControl
          fullWidth
          aria-labelledby="key-lifetime"
          value={draft.lifetime}
          onChange={(value) => setDraft((before) => ({ ...before, lifetime: value as Lifetime }))}
          data={LIFETIME_NAMES.map((value) => ({ value, label: LIFETIMES[value].label }))}
        />
      </div>
    </>
  )
  return (
    <Question
      asked={props.open ? { title: 'New API key', body, act: 'Make the key' } : undefined}
      busy={busy}
      trouble={trouble}
      incomplete={name === '' || draft.scopes.length === 0}
      onClose={close}
      onAct={() => void make()}
    />
  )
}
