import { useState } from 'react'
import type { AccountRow } from '../../protocol/account-answers.ts'
import { Question } from '../console/question.tsx'
import type { Once } from '../console/shown-once.tsx'
import { useAct } from '../console/use-act.ts'
import { NewPasswordField } from './new-password-field.tsx'

const EMPTY = { password: '', made: false }

/** A password that an administrator gives to somebody else. */
export function GivePassword(props: {
  account: AccountRow
  open: boolean
  onClose: () => void
  /** `once`: where it was made here. */
  onGiven: (once: Once | undefined) => void
}) {
  const { id, name, displayName } = props.account
  const [draft, setDraft] = useState(EMPTY)
  const { busy, trouble, forget, post } = useAct()
  const close = () => {
    forget()
    setDraft(EMPTY)
    props.onClose()
  }
  const give = async () => {
    const { password, made } = draft
    if (!(await post(`/api/accounts/${id}/password`, { password }))) return
    close()
    const about = (
      <>
        <strong>{displayName}</strong> signs in as <strong>{name}</strong> with it. Hand it over by a way that you
        trust.
      </>
    )
    props.onGiven(made ? { title: 'A new password', about, label: 'New password', text: password } : undefined)
  }
  const body = (
    <>
      <p>
        All sessions of <strong>{displayName}</strong> end, and failed attempts to sign in are forgotten.
      </p>
      <NewPasswordField
        label="New password"
        description="Twelve characters at least."
        focused
        password={draft.password}
        onChange={(password, made) => setDraft({ password, made })}
      />
    </>
  )
  return (
    <Question
      asked={props.open ? { title: `A password for ${name}`, body, act: 'Give it' } : undefined}
      busy={busy}
      trouble={trouble}
      incomplete={draft.password === ''}
      onClose={close}
      onAct={() => void give()}
    />
  )
}
