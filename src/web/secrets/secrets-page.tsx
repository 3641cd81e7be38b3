import { Button } from '@mantine/core'
import { useState } from 'react'
import { useConsole } from '../console/console-context.ts'
import { PageSection, PolledTrouble } from '../console/page-section.tsx'
import { KeySection } from './key-section.tsx'
import { RemoveSecret } from './remove-secret.tsx'
import { SecretTable } from './secret-table.tsx'
import { SECRET_NAME, type SecretFacts, togetherText } from './secrets-facts.ts'
import { SetSecret } from './set-secret.tsx'
import { useSecrets } from './use-secrets.ts'
import './secrets-page.css'

/** The secrets of the cluster, never what they are; the form for one of them at `secrets/<name>`. */
export default function SecretsPage() {
  const { rest, may, go } = useConsole()
  const { polled, secrets } = useSecrets()
  const [naming, setNaming] = useState(false)
  const [removed, setRemoved] = useState<SecretFacts>()
  const { answer, refusal, again } = polled
  const mayChange = may('admin')
  const [name] = rest
  const fits = name === undefined || SECRET_NAME.test(name)
  const named =
    fits && name !== undefined ? (secrets?.find((each) => each.name === name) ?? { name, uses: [] }) : undefined
  return (
    <div className="page-stack secrets">
      <PolledTrouble polled={polled} />
      {!fits && (
        <p className="page-trouble" role="status">
          “{name}” is no name for a secret. <a href="/console/secrets">All secrets</a>
        </p>
      )}
      {(answer || !refusal) && (
        <PageSection
          title="Passwords and keys"
          note={secrets && togetherText(secrets)}
          acts={
            mayChange && (
              <Button variant="default" onClick={() => setNaming(true)}>
                Set another
              </Button>
            )
          }
        >
          <SecretTable secrets={secrets} mayChange={mayChange} onRemove={setRemoved} />
        </PageSection>
      )}
      {answer && <KeySection answer={answer} again={again} />}
      {mayChange && secrets && (
        <>
          <SetSecret
            secret={named}
            secrets={secrets}
            naming={naming}
            again={again}
            onClose={() => {
              setNaming(false)
              if (name !== undefined) go('secrets')
            }}
          />
          <RemoveSecret secret={removed} again={again} onClose={() => setRemoved(undefined)} />
        </>
      )}
    </div>
  )
}
