import { Button } from '@mantine/core'
import { useState } from 'react'
import type { AccountRow } from '../../protocol/account-answers.ts'
import { useConsole } from '../console/console-context.ts'
import { initials } from '../console/console-text.ts'
import { PageSection } from '../console/page-section.tsx'
import { type Asked, Question } from '../console/question.tsx'
import { type Once, ShownOnce } from '../console/shown-once.tsx'
import { useAct } from '../console/use-act.ts'
import { When } from '../console/when.tsx'
import { waysText } from './accounts-facts.ts'
import { GivePassword } from './give-password.tsx'
import { ProfileForm } from './profile-form.tsx'
import { RoleTags } from './role-tags.tsx'
import { SessionList } from './session-list.tsx'

type Act = 'disable' | 'remove'

/** All of one account, and what an administrator does with it. */
export function AccountDetails(props: { account: AccountRow; own: boolean; onChanged: () => void }) {
  const { account, own, onChanged } = props
  const { may, tell, go } = useConsole()
  const [asking, setAsking] = useState<Act | 'password'>()
  const [once, setOnce] = useState<Once>()
  const { busy, trouble, forget, post } = useAct()
  const path = `/api/accounts/${account.id}`
  const mayChange = may('admin')

  const enable = async (disabled: boolean) => {
    if (!(await post(path, { disabled }))) return
    setAsking(undefined)
    tell(`${account.name} may ${disabled ? 'not sign in any more' : 'sign in again'}.`)
    onChanged()
  }
  const remove = async () => {
    if (!(await post(`${path}/remove`, {}))) return
    tell(`The account ${account.name} is removed.`)
    onChanged()
    go('accounts')
  }
  return (
    <>
      <section className="card person" aria-labelledby="person-title">
        <span className="person-mark" aria-hidden="true">
          {initials(account.displayName)}
        </span>
        <div className="person-names">
          <h2 id="person-title" className="person-name">
            {account.displayName}
          </h2>
          <p>
            {account.name}
            {own && <span className="tag">You</span>}
            {account.disabled && <span className="tag tag-bad">Disabled</span>}
          </p>
        </div>
        <dl className="person-facts">
          <div>
            <dt>Roles</dt>
            <dd>
              <RoleTags roles={account.roles} />
            </dd>
          </div>
          <div>
            <dt>Signs in by</dt>
            <dd>{waysText(account)}</dd>
          </div>
          <div>
            <dt>Last seen</dt>
            <dd>{account.seenAt === undefined ? 'Never' : <When at={account.seenAt} />}</dd>
          </div>
          <div>
            <dt>Made</dt>
            <dd>
              <When at={account.madeAt} />
            </dd>
          </div>
        </dl>
      </section>
      {mayChange && <ProfileForm key={account.id} account={account} own={own} onChanged={onChanged} />}
      <SessionList account={account.id} mayEnd={mayChange || own} whose={`${account.displayName} is`} />
      {mayChange && (
        <PageSection title="Access">
          <ul className="access-acts">
            <li>
              <div>
                <h3>Password</h3>
                <p>{passwordText(account, own)}</p>
              </div>
              {own ? (
                <Button variant="default" onClick={() => go('my-account')}>
                  My account
                </Button>
              ) : (
                <Button variant="default" onClick={() => setAsking('password')}>
                  Give a password
                </Button>
              )}
            </li>
            <li>
              <div>
                <h3>{account.disabled ? 'Enable' : 'Disable'}</h3>
                <p>
                  {account.disabled
                    ? 'Nobody signs in by this account now; everything else about it was kept.'
                    : 'Nobody signs in by it any more, and its sessions end. It can be enabled again.'}
                </p>
              </div>
              {account.disabled ? (
                <Button variant="default" loading={busy} onClick={() => void enable(false)}>
                  Enable
                </Button>
              ) : (
                <Button variant="default" onClick={() => setAsking('disable')}>
                  Disable
                </Button>
              )}
            </li>
            <li>
              <div>
                <h3>Remove</h3>
                <p>The account is gone for good; what was said by it in conversations stays.</p>
              </div>
              <Button variant="outline" color="red" onClick={() => setAsking('remove')}>
                Remove
              </Button>
            </li>
          </ul>
        </PageSection>
      )}
      <Question
        asked={asking === 'disable' || asking === 'remove' ? questionOf(asking, account, own) : undefined}
        busy={busy}
        trouble={trouble}
        onClose={() => {
          forget()
          setAsking(undefined)
        }}
        onAct={() => void (asking === 'remove' ? remove() : enable(true))}
      />
      <GivePassword
        account={account}
        open={asking === 'password'}
        onClose={() => setAsking(undefined)}
        onGiven={(given) => {
          setOnce(given)
          tell(`${account.name} has a new password and is signed out everywhere.`)
          onChanged()
        }}
      />
      <ShownOnce once={once} onKept={() => setOnce(undefined)} />
    </>
  )
}

function passwordText({ password, provider }: AccountRow, own: boolean): string {
  if (own) return 'Your own password is changed at “My account”, where you show that you know the present one.'
  if (password) return 'A new one ends all sessions, and forgets failed attempts to sign in.'
  return provider ? 'It signs in by the provider; a password would be a second way in.' : 'There is none yet.'
}

function questionOf(act: Act, { name, displayName }: AccountRow, own: boolean): Asked {
  const out = own && <p>It is your own account: you are signed out at once.</p>
  if (act === 'disable')
    return {
      title: `Disable ${name}?`,
      body: (
        <>
          <p>
            <strong>{displayName}</strong> is signed out everywhere within seconds, and cannot sign in until somebody
            enables the account again.
          </p>
          {out}
        </>
      ),
      act: 'Disable',
      harmless: 'Leave it',
      dangerous: true,
    }
  return {
    title: `Remove ${name}?`,
    body: (
      <>
        <p>
          <strong>{displayName}</strong> is signed out everywhere within seconds, and the account is gone for good. To
          keep somebody out for a while, disable it instead.
        </p>
        {out}
      </>
    ),
    act: 'Remove',
    harmless: 'Keep it',
    dangerous: true,
  }
}
