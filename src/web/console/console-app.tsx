import { showConsole } from './console-frame.tsx'
import { ConsoleShell } from './console-shell.tsx'
import { PageSkeleton } from './page-outlet.tsx'
import { claimsIn } from './token-facts.ts'
import { useFreshToken } from './use-fresh-token.ts'
import { WithStaffToken } from './with-staff-token.tsx'

const HINT = (
  <>
    The console shows what your token opens. <code>holdfast up</code> prints a link with an administrator's.
  </>
)

function ConsoleApp(props: { token: string; signOut: (reason: string) => void }) {
  const token = useFreshToken(props.token, props.signOut)
  const claims = claimsIn(token)
  if (!claims) return <PageSkeleton />
  return <ConsoleShell token={token} claims={claims} signOut={props.signOut} />
}

showConsole(
  <WithStaffToken name="Console" hint={HINT}>
    {(token, signOut) => <ConsoleApp token={token} signOut={signOut} />}
  </WithStaffToken>,
)
