import type { AccountRow } from '../../protocol/account-answers.ts'
import { waysText } from '../accounts/accounts-facts.ts'
import { RoleTags } from '../accounts/role-tags.tsx'
import { SessionList } from '../accounts/session-list.tsx'
import { useConsole, usePolled } from '../console/console-context.ts'
import { initials } from '../console/console-text.ts'
import { PolledTrouble } from '../console/page-section.tsx'
import { ownAccount } from './own-account.ts'
import { OwnPasswordForm } from './own-password-form.tsx'
import '../accounts/people.css'

const EVERY_MS = 30_000

/** What everybody who is signed in does with his own account. */
export default function MyAccountPage() {
  const own = ownAccount(useConsole().token)
  return <div className="page-stack people">{own === undefined ? <NoAccount /> : <OwnAccount id={own} />}</div>
}

function OwnAccount(props: { id: string }) {
  const polled = usePolled<AccountRow>(`/api/accounts/${props.id}`, EVERY_MS)
  const { answer } = polled
  return (
    <>
      <PolledTrouble polled={polled} />
      {answer && (
        <>
          <section className="card person" aria-labelledby="person-title">
            <span className="person-mark" aria-hidden="true">
              {initials(answer.displayName)}
            </span>
            <div className="person-names">
              <h2 id="person-title" className="person-name">
                {answer.displayName}
              </h2>
              <p>{answer.name}</p>
            </div>
            <dl className="person-facts">
              <div>
                <dt>Roles</dt>
                <dd>
                  <RoleTags roles={answer.roles} />
                </dd>
              </div>
              <div>
                <dt>Signs in by</dt>
                <dd>{waysText(answer)}</dd>
              </div>
            </dl>
          </section>
          <OwnPasswordForm account={answer} />
        </>
      )}
      <SessionList account={props.id} mayEnd whose="You are" />
    </>
  )
}

function NoAccount() {
  return (
    <section className="card empty">
      <h2>You came with a token, not with an account</h2>
      <p>There is no password to change and no session to end. Sign in with an account to have them.</p>
    </section>
  )
}
