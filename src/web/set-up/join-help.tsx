import { JOIN_COMMANDS } from '../../protocol/set-up-steps.ts'
import { CopyButton } from '../console/copy-button.tsx'

/** How the next server joins, and where to go on from here. */
export function JoinHelp(props: { complete: boolean }) {
  return (
    <>
      <ol className="join-steps">
        <li>
          <p>
            On a server that is in, with the database and the secret that it was started with. The token opens the whole
            cluster: that is why it is made there, and shown on no page.
          </p>
          <Command text={JOIN_COMMANDS.make} label="Copy the command that makes the token" />
        </li>
        <li>
          <p>On the server that joins, with Holdfast installed and the file brought over:</p>
          <Command text={JOIN_COMMANDS.join} label="Copy the command that joins" />
        </li>
      </ol>
      {props.complete && (
        <nav className="onward" aria-label="Go on">
          <a href="/console">Console</a>
          <a href="/agent">Agent’s desk</a>
          <a href="/">Visitor page</a>
        </nav>
      )}
    </>
  )
}

function Command(props: { text: string; label: string }) {
  return (
    <div className="command">
      <code>{props.text}</code>
      <CopyButton text={props.text} label={props.label} />
    </div>
  )
}
