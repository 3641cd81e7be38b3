import { Button, TextInput } from '@mantine/core'
import { useState } from 'react'
import { likelyAddress } from './set-up-facts.ts'
import { TroubleNote } from './trouble-note.tsx'
import type { Taken } from './use-set-up.ts'
import { useStepForm } from './use-step-form.ts'

/** The one address that people use. */
export function AddressForm(props: { present: string; take: (body: object) => Promise<Taken> }) {
  const [publicUrl, setPublicUrl] = useState(() => likelyAddress(props.present, location.origin))
  const take = (more: object = {}) => props.take({ publicUrl: publicUrl.trim(), ...more })
  const { busy, trouble, attempt, submit } = useStepForm(take)
  return (
    <form className="step-form" onSubmit={submit}>
      <TextInput
        label="Address that people use"
        description="Your own DNS name, which leads to the balancer or to the nodes; with the port where it is not the usual one."
        placeholder="https://chat.example.com"
        name="url"
        type="text"
        inputMode="url"
        autoCapitalize="none"
        spellCheck={false}
        value={publicUrl}
        onChange={(event) => setPublicUrl(event.currentTarget.value)}
      />
      <TroubleNote trouble={trouble} />
      {trouble?.remedy && (
        <p className="step-hint">
          Set it all the same, and clients are sent there at once: until it answers, nobody new can connect.
        </p>
      )}
      <div className="step-acts">
        <Button type="submit" loading={busy} disabled={publicUrl.trim() === ''}>
          Check and set it
        </Button>
        {trouble?.remedy && (
          <Button variant="default" disabled={busy} onClick={() => void attempt(() => take({ unreached: true }))}>
            Set it all the same
          </Button>
        )}
      </div>
    </form>
  )
}
