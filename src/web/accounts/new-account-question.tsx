import { TextInput } from '@mantine/core'
import { useState } from 'react'
import type { AccountRow } from '../../protocol/account-answers.ts'
import { ACCOUNT_ROLES, type AccountRole } from '../../protocol/staff-roles.ts'
import { Question } from '../console/question.tsx'
import type { Once } from '../console/shown-once.tsx'
import { useAct } from '../console/use-act.ts'
import { ROLE_MEANINGS } from './accounts-facts.ts'
import { NewPasswordField } from './new-password-field.tsx'
import { TickList } from './tick-list.tsx'

const EMPTY = { name: '', displayName: '', roles: ['agent'] as readonly AccountRole[], password: '', made: false }
const WORDS = {
  malformed: 'A name begins with a small letter or a digit and holds no more than letters, digits and . _ @ + -',
}

/** Makes an account. */
export function NewAccountQuestion(props: {
  open: boolean
  onClose: () => void
  /** `once`: the password that was made for it. */
  onMade: (account: AccountRow, once: Once | undefined) => void
}) {
  const [draft, setDraft] = useState(EMPTY)
  const { busy, trouble, forget, post } = useAct(WORDS)
  const name = draft.name.trim().toLowerCase()
  const close = () => {
    forget()
    setDraft(EMPTY)
    props.onClose()
  }
  const make = async () => {
    const { displayName, roles, password, made } = draft
    const shown = displayName.trim()
    const account = await post<AccountRow>('/api/accounts', {
      ...{ name, roles },
      ...(shown !== '' && { displayName: shown }),
      ...(password !== '' && { password }),
    })
    if (!account) return
    close()
    props.onMade(account, made ? firstPassword(account, password) : undefined)
  }
  const body = (
    <>
      <TextInput
        label="Name"
        description="What is typed to sign in; it stays."
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={63}
        data-autofocus
        value={draft.name}
        onChange={({ currentTarget: { value } }) => setDraft((before) => ({ ...before, name: value }))}
      />
      <TextInput
        label="Shown as"
        description="What others see, visitors too. Empty: the name."
        autoComplete="off"
        maxLength={64}
        value={draft.displayName}
        onChange={({ currentTarget: { value } }) => setDraft((before) => ({ ...before, displayName: value }))}
      />
      <TickList
        legend="Roles"
        choices={ACCOUNT_ROLES}
        meanings={ROLE_MEANINGS}
        chosen={draft.roles}
        onChange={(roles) => setDraft((before) => ({ ...before, roles }))}
      />
      <NewPasswordField
        label="First password"
        description="Twelve characters at least. Empty: nobody signs in by password until one is given."
        password={draft.password}
        onChange={(password, made) => setDraft((before) => ({ ...before, password, made }))}
      />
    </>
  )
  return (
    <Question
      asked={props.open ? { title: 'New account', body, act: 'Make the account' } : undefined}
      busy={busy}
      trouble={trouble}
      incomplete={name === '' || draft.roles.length === 0}
      onClose={close}
      onAct={() => void make()}
    />
  )
}

function firstPassword({ name, displayName }: AccountRow, password: string): Once {
  const about = (
    <>
      <strong>{displayName}</strong> signs in as <strong>{name}</strong>. Hand this over by a way that you trust; it can
      be changed at “My account”.
    </>
  )
  return { title: 'The account is made', about, label: 'First password', text: password }
}
