import { Button, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { CertificateIssueAnswer, CertificateIssueRow, CertificateRow } from '../../protocol/certificate-answers.ts'
import { useConsole } from '../console/console-context.ts'
import { useAct } from '../console/use-act.ts'
import { issueTold, listedNames } from './certificates-facts.ts'

/** Has an authority issue one, now and whenever the last one nears its end. */
export function IssueForm(props: {
  issue: CertificateIssueRow | undefined
  /** The present one was issued by an authority. */
  renewed: boolean
  onAsked: () => void
}) {
  const { issue, renewed, onAsked } = props
  const { tell } = useConsole()
  const [names, setNames] = useState(issue?.names.join(', ') ?? '')
  const [email, setEmail] = useState(issue?.email ?? '')
  const [directory, setDirectory] = useState(issue?.directory ?? '')
  const [agreed, setAgreed] = useState(false)
  const { busy, trouble, post } = useAct()
  const ask = async (event: FormEvent) => {
    event.preventDefault()
    const [list, to, at] = [listedNames(names), email.trim(), directory.trim()]
    const answer = await post<CertificateIssueAnswer>('/api/certificate/issue', {
      agreeTerms: agreed,
      ...(list.length > 0 && { names: list }),
      ...(to !== '' && { email: to }),
      ...(at !== '' && { directory: at }),
    })
    if (!answer) return
    setAgreed(false)
    tell(answer.sentence)
    onAsked()
  }
  return (
    <form className="certificate-form" aria-label="Have a certificate issued" onSubmit={(event) => void ask(event)}>
      <p className="certificate-description">
        The authority asks for a text at port 80 of each name; any node answers. From then on it is renewed by itself.
      </p>
      <TextInput
        label="Names"
        description="Empty: the host of the public address."
        placeholder="chat.example.com, help.example.com"
        autoComplete="off"
        spellCheck={false}
        value={names}
        onChange={(event) => setNames(event.currentTarget.value)}
      />
      <TextInput
        label="Mail address"
        description="Whom the authority tells of what concerns the account; may be empty."
        type="email"
        autoComplete="email"
        value={email}
        onChange={(event) => setEmail(event.currentTarget.value)}
      />
      <TextInput
        label="ACME directory"
        description="Empty: Let’s Encrypt."
        type="url"
        placeholder="https://acme.example.com/directory"
        autoComplete="off"
        value={directory}
        onChange={(event) => setDirectory(event.currentTarget.value)}
      />
      <label className="certificate-terms">
        <input type="checkbox" checked={agreed} onChange={(event) => setAgreed(event.currentTarget.checked)} />
        <span>I have read the {directory.trim() === '' ? <Terms /> : 'terms'} of the authority and agree to them.</span>
      </label>
      <p className="certificate-trouble" role="alert">
        {trouble}
      </p>
      <Button type="submit" loading={busy} disabled={!agreed}>
        {renewed ? 'Ask for a new one now' : 'Have it issued'}
      </Button>
    </form>
  )
}

/** Those of Let’s Encrypt. */
function Terms() {
  return (
    <a href="https://letsencrypt.org/repository/" target="_blank" rel="noopener">
      terms
    </a>
  )
}

/** How the wish for a certificate of an authority goes. */
export function IssueState(props: { issue: CertificateIssueRow; certificate: CertificateRow | undefined }) {
  const { issue, certificate } = props
  const { tone, text } = issueTold(issue, certificate)
  return (
    <section className="card issue-state" aria-label="The authority">
      <div>
        <h2>{hostOf(issue.directory)}</h2>
        <p className="issue-sentence" role="status">
          {issue.sentence}
        </p>
        <p className="certificate-description">
          For {issue.names.join(', ')}
          {issue.email !== '' && `; mail goes to ${issue.email}`}
        </p>
      </div>
      <span className={`certificate-state tone-${tone}`}>{text}</span>
    </section>
  )
}

function hostOf(directory: string): string {
  return URL.parse(directory)?.host ?? directory
}
