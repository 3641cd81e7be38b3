import { Button, Skeleton } from '@mantine/core'
import { type ReactNode, useState } from 'react'
import type { SetUpAnswer, SetUpStepRow } from '../../protocol/set-up-answers.ts'
import type { SetUpStepId } from '../../protocol/set-up-steps.ts'
import { ConsoleFrame, showConsole } from '../console/console-frame.tsx'
import { AccountForm } from './account-form.tsx'
import { AddressForm } from './address-form.tsx'
import { CertificateForm } from './certificate-form.tsx'
import { JoinHelp } from './join-help.tsx'
import { MailForm } from './mail-form.tsx'
import { progressText, stepAfter, stepToTake } from './set-up-facts.ts'
import './set-up-page.css'
import { StepCard } from './step-card.tsx'
import { StepList } from './step-list.tsx'
import { type SetUp, useSetUp } from './use-set-up.ts'

/** Leads through the set-up; whoever leaves goes on later where it stands. */
function SetUpPage() {
  const setUp = useSetUp()
  const { stand } = setUp
  switch (stand.kind) {
    case 'asking':
      return <Waiting />
    case 'unreachable':
      return (
        <Outside title="The server does not answer">
          <p>What was set is kept. Try again in a moment.</p>
          <Button onClick={setUp.again}>Try again</Button>
        </Outside>
      )
    case 'outside':
      return (
        <Outside title="Set up Holdfast">
          {stand.reason !== '' && <p role="alert">{stand.reason}</p>}
          <p>
            Where nobody has an account yet, a node prints a link to this page when it starts; restart it for a new one.
            Where there is one, sign in as somebody who may change everything.
          </p>
          <Button component="a" href={`/sign-in?${new URLSearchParams({ to: '/set-up' })}`}>
            Sign in
          </Button>
        </Outside>
      )
    case 'in':
      return <Steps setUp={setUp} answer={stand.answer} />
  }
}

function Steps(props: { setUp: SetUp; answer: SetUpAnswer }) {
  const { setUp, answer } = props
  const [chosen, setChosen] = useState<SetUpStepId>()
  // Where nobody chose one, the page stays at the step where it began, though that is done meanwhile.
  const [first] = useState(() => stepToTake(answer.steps))
  const present = chosen ?? first
  const row = answer.steps.find(({ id }) => id === present) as SetUpStepRow
  const next = stepAfter(present, answer.steps)
  return (
    <div className="set-up">
      <header className="set-up-head">
        <h2>Set up this system</h2>
        <p role="status">
          {progressText(answer)}.{!answer.complete && ' You may leave and go on later.'}
        </p>
      </header>
      <StepList steps={answer.steps} present={present} onChoose={setChosen} />
      <StepCard
        key={present}
        row={row}
        focused={chosen !== undefined}
        onSkip={async () => {
          const taken = await setUp.take('skip', { step: present })
          if (taken.kind === 'refused') return taken.reason
          if (next) setChosen(next)
          return undefined
        }}
        onLookAgain={setUp.again}
        onNext={next && (() => setChosen(next))}
      >
        <Folded row={row}>
          <StepBody setUp={setUp} answer={answer} row={row} />
        </Folded>
      </StepCard>
    </div>
  )
}

/** What is decided can be decided otherwise; until somebody wants that, its form is out of the way. */
function Folded(props: { row: SetUpStepRow; children: ReactNode }) {
  const { id, state } = props.row
  const foldable = id === 'address' || id === 'certificate' || id === 'mail'
  if (!foldable || (state !== 'done' && state !== 'skipped')) return props.children
  return (
    <details className="change">
      <summary>{state === 'done' ? 'Change it' : 'Take the step after all'}</summary>
      {props.children}
    </details>
  )
}

function StepBody(props: { setUp: SetUp; answer: SetUpAnswer; row: SetUpStepRow }): ReactNode {
  const { setUp, answer, row } = props
  const { present } = answer
  const take = (body: object) => setUp.take(row.id, body)
  switch (row.id) {
    case 'database':
      return null
    case 'address':
      return <AddressForm present={present.publicUrl} take={take} />
    case 'certificate':
      return <CertificateForm host={hostOf(present.publicUrl)} take={take} />
    case 'mail':
      return <MailForm present={present} take={take} />
    case 'account':
      return row.state === 'done' ? null : <AccountForm onSubmit={setUp.makeAccount} />
    case 'join':
      return <JoinHelp complete={answer.complete} />
  }
}

function hostOf(url: string): string {
  return url.startsWith('https:') && URL.canParse(url) ? new URL(url).hostname : ''
}

function Outside(props: { title: string; children: ReactNode }) {
  return (
    <div className="sign-in">
      <h2>{props.title}</h2>
      {props.children}
    </div>
  )
}

function Waiting() {
  return (
    <div className="set-up" aria-busy="true">
      <header className="set-up-head">
        <h2>Set up this system</h2>
        <p role="status">Looking how everything stands.</p>
      </header>
      <Skeleton className="step-list" height={330} radius={14} />
      <Skeleton height={420} radius={14} />
    </div>
  )
}

showConsole(
  <ConsoleFrame name="Set-up">
    <SetUpPage />
  </ConsoleFrame>,
)
