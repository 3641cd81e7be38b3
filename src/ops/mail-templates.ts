/** A letter before its facts are filled in; every part is Liquid. */
export interface MailTemplate {
  readonly subject: string
  readonly text: string
  /** Empty: plain text alone. */
  readonly html: string
}

/**
 * What is sent until somebody writes an `email-template` document of that name. `docs/operate/mail.md` lists the facts.
 */
export const BUILT_IN_TEMPLATES: Readonly<Record<string, MailTemplate>> = {
  transcript: {
    subject: '{{ brand }}: your conversation{% if subject %}, {{ subject }}{% endif %}',
    text: `{% if visitor %}Dear {{ visitor }},

{% endif %}this is what was said in your conversation of {{ openedAt | date: "%Y-%m-%d %H:%M" }} UTC.
{% if leftOut > 0 %}
(The first {{ leftOut }} messages are left out.)
{% endif %}{% for message in messages %}
[{{ message.at | date: "%H:%M" }}] {{ message.name }}: {{ message.text }}
{% endfor %}
It ended at {{ closedAt | date: "%H:%M" }} UTC.

{{ brand }}{% if publicUrl %}
{{ publicUrl }}{% endif %}
`,
    html: `<!doctype html>
<html><body style="font-family: sans-serif; color: #111">
{% if visitor %}<p>Dear {{ visitor }},</p>{% endif %}
<p>this is what was said in your conversation of {{ openedAt | date: "%Y-%m-%d %H:%M" }} UTC.</p>
{% if leftOut > 0 %}<p>(The first {{ leftOut }} messages are left out.)</p>{% endif %}
<table cellpadding="4">
{% for message in messages %}<tr style="vertical-align: top"><td style="color: #666">{{ message.at | date: "%H:%M" }}</td><td><b>{{ message.name }}</b></td><td style="white-space: pre-wrap">{{ message.text }}</td></tr>
{% endfor %}</table>
<p>It ended at {{ closedAt | date: "%H:%M" }} UTC.</p>
<p>{{ brand }}{% if publicUrl %}<br>{{ publicUrl }}{% endif %}</p>
</body></html>
`,
  },
  alarm: {
    subject: '{{ brand }}: {{ title }} ({{ state }})',
    text: `{{ sentence }}

Alarm:      {{ title }} ({{ alarm }})
State:      {{ state }}
Severity:   {{ severity }}
{% if since %}Since:      {{ since | date: "%Y-%m-%d %H:%M:%S" }} UTC
{% endif %}{% if duration %}Lasted:     {{ duration }}
{% endif %}{% if affected %}Affected:   {{ affected }} conversations
{% endif %}{% if meaning %}
{{ meaning }}
{% endif %}{% if remedy %}
What to do: {{ remedy }}
{% endif %}{% if publicUrl %}
{{ publicUrl }}{% endif %}
`,
    html: '',
  },
  test: {
    subject: '{{ brand }}: a test mail',
    text: `This mail shows that {{ brand }} can send mail.
{% if publicUrl %}
{{ publicUrl }}
{% endif %}`,
    html: '',
  },
}
