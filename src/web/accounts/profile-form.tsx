import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { AccountRow } from '../../protocol/account-answers.ts'
import { ACCOUNT_ROLES, type AccountRole } from '../../protocol/staff-roles.ts'
import { useConsole } from '../console/console-context.ts'
import { PageSection } from '../console/page-section.tsx'
import { Question } from '../console/question.tsx'
import { useAct } from '../console/use-act.ts'
import { inRoleOrder, ROLE_MEANINGS, sameRoles } from './accounts-facts.ts'
import { TickList } from './tick-list.tsx'

const FROM_PROVIDER = 'At each sign-in the provider says name and roles anew.'

/** What somebody is called and may do. Other roles end the sessions of the account, so that they are asked about. */
export function ProfileForm(props: { account: AccountRow; own: boolean; onChanged: () => void }) {
  const { account, own } = props
  const { tell } = useConsole()
  const [displayName, setDisplayName] = useState(account.displayName)
  const [roles, setRoles] = useState<readonly AccountRole[]>(account.roles)
  const [asking, setAsking] = useState(false)
  const { busy, trouble, forget, post } = useAct()
  const name = displayName.trim()
  const otherRoles = !sameRoles(roles, account.roles)
  const changed = otherRoles || name !== account.displayName

  const save = async () => {
    const change = { ...(name !== account.displayName && { displayName: name }), ...(otherRoles && { roles }) }
    if (!(await post(`/api/accounts/${account.id}`, change))) return
    setAsking(false)
    tell(`${account.name} is changed.`)
    props.onChanged()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (busy || !changed || name === '') return
    if (otherRoles) setAsking(true)
    else void save()
  }
  const undo = () => {
    forget()
    setAsking(false)
    setDisplayName(account.displayName)
    setRoles(account.roles)
  }
  const body = (
    <>
      <p>
        <strong>{account.displayName}</strong> will be{' '}
        <strong>{inRoleOrder(roles).join(', ') || 'without a role'}</strong>
        {roles.length === 0 && ', and can do nothing here'}. Sessions of the account end: whoever is signed in signs in
        again.
      </p>
      {own && (
        <p>
          It is your own account: you are signed out
          {!roles.includes('admin') && ', and only another administrator can give the role back'}.
        </p>
      )}
    </>
  )
  return (
    <PageSection title="Profile" note={account.provider ? FROM_PROVIDER : undefined}>
      <form className="people-form halves" onSubmit={submit}>
        <TextInput
          label="Shown as"
          description="What others see, visitors too."
          autoComplete="off"
          maxLength={64}
          value={displayName}
          onChange={(event) => setDisplayName(event.currentTarget.value)}
        />
        <TickList legend="Roles" choices={ACCOUNT_ROLES} meanings={ROLE_MEANINGS} chosen={roles} onChange={setRoles} />
        <p className="people-trouble" role="alert">
          {asking ? '' : trouble}
        </p>
        <div className="people-answers">
          {changed && (
            <Button variant="default" onClick={undo}>
              Undo
            </Button>
          )}
          <Button type="submit" loading={busy && !asking} disabled={!changed || name === ''}>
            Save
          </Button>
        </div>
      </form>
      <Question
        asked={
          asking
            ? {
                ...{ title: `Change the roles of ${account.name}?`, body, act: 'Change roles', harmless: 'Leave them' },
                dangerous: true,
              }
            : undefined
        }
        busy={busy}
        trouble={trouble}
        onClose={undo}
        onAct={() => void save()}
      />
    </PageSection>
  )
}
