import { isPlaceholder } from './secret-value.ts'
import { REDACTED } from './token-rules.ts'

const KIND = /(?:^|\n)[ \t]{0,40}kind:[ \t]{0,8}["']?Secret\b/
const KIND_JSON = /"kind"\s{0,4}:\s{0,4}"Secret"/
const JSON_DATA = /("(?:stringData|data)"\s{0,4}:\s{0,4}\{)([^{}]{0,100000})(?=\})/g
const JSON_VALUE = /(:\s{0,4}")([^"]{1,20000})(?=")/g

/** Every value of a secret of Kubernetes, whatever it is called. */
export function withoutKubernetesSecrets(text: string): string {
  const yaml = KIND.test(text)
    ? text
        .split(/(?<=\n)(?=---)/)
        .map((document) => (KIND.test(document) ? withoutData(document) : document))
        .join('')
    : text
  if (!KIND_JSON.test(yaml)) return yaml
  return yaml.replace(JSON_DATA, (_, head: string, body: string) => head + body.replace(JSON_VALUE, `$1${REDACTED}`))
}

function withoutData(document: string): string {
  let inside: number | undefined
  return document
    .split('\n')
    .map((line) => {
      if (line.trim() === '') return line
      const indent = line.length - line.trimStart().length
      if (inside !== undefined && indent <= inside) inside = undefined
      if (/^\s*(?:stringData|data):\s*$/.test(line)) {
        inside = indent
        return line
      }
      if (inside === undefined) return line
      const [, head, value] = /^(\s*["']?[\w.-]+["']?:\s*)(\S.*)$/.exec(line) ?? []
      if (head === undefined || value === undefined) return /^\s*\S+$/.test(line) ? line.replace(/\S+/, REDACTED) : line
      return isPlaceholder(value) || /^[|>]/.test(value) ? line : `${head}${REDACTED}`
    })
    .join('\n')
}
