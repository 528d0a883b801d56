/** Stands where something was blacked out. */
export const REDACTED = '[redacted]'

/** A token that its own form tells. Forms as the providers and public secret scanners document them. */
interface TokenRule {
  readonly issuer: string
  /** Linear: runs of one class that nothing has to follow. */
  readonly form: string
}

const TOKEN_RULES: readonly TokenRule[] = [
  { issuer: 'SPEKI', form: 'speki_[A-Za-z0-9_-]{8,}' },
  { issuer: 'OpenAI, Anthropic, OpenRouter, DeepSeek', form: 'sk-[A-Za-z0-9_-]{16,}' },
  { issuer: 'Amazon', form: '(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z0-9]{16}(?![A-Za-z0-9])' },
  { issuer: 'Amazon Bedrock', form: 'ABSK[A-Za-z0-9+/]{60,}={0,2}|bedrock-api-key-[A-Za-z0-9+/=]{20,}' },
  { issuer: 'Google', form: 'AIza[\\w-]{30,}|GOCSPX-[\\w-]{20,}|ya29\\.[\\w.-]{20,}|1//0[\\w-]{30,}' },
  { issuer: 'Google storage', form: 'GOOG1?[A-Z0-9]{20,}' },
  { issuer: 'Azure application', form: '[\\w~.]{3}\\dQ~[\\w~.-]{31,}' },
  { issuer: 'Azure keys with a mark', form: '(?<![A-Za-z0-9+/])(?:[A-Za-z0-9+/]{76}(?:\\+ASt|\\+ABa)[A-Za-z0-9+/]{6}==|[A-Za-z0-9+/]{76}ACDb[A-Za-z0-9+/]{6}==|[A-Za-z0-9]{42}AzSe[A-Za-z0-9]{6}|[A-Za-z0-9+/]{33}\\+ASb[A-Za-z0-9+/]{5}=)' },
  { issuer: 'Azure DevOps', form: '[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}' },
  { issuer: 'GitHub', form: 'gh[pousr]_[A-Za-z0-9_]{20,}|github_pat_\\w{20,}' },
  { issuer: 'GitLab', form: 'gl(?:pat|dt|ptt|rt|cbt|ft|oas|agent|imt|soat|ffct|wt)-[\\w-]{16,}(?:\\.[\\w.]{2,})?|GR1348941[\\w-]{20,}' },
  { issuer: 'Atlassian, Bitbucket', form: 'AT(?:ATT|CTT|BB|OA)[\\w=-]{20,}' },
  { issuer: 'Slack', form: 'xox[abeoprs](?:\\.xox[bp])?-[\\w-]{10,}|xapp-\\d-[\\w-]{10,}|xwfp-[\\w-]{10,}' },
  { issuer: 'Stripe', form: '[sr]k_(?:live|test|prod)_[A-Za-z0-9]{10,}|whsec_[A-Za-z0-9+/=_-]{16,}' },
  { issuer: 'Twilio', form: '(?:SK|AC)[0-9a-f]{32}(?![0-9A-Za-z])' },
  { issuer: 'SendGrid', form: 'SG\\.[\\w=-]{15,}\\.[\\w=-]{15,}' },
  { issuer: 'Mailgun, Mailchimp, Brevo', form: '(?:key|pubkey)-[0-9a-f]{32}|[0-9a-f]{32}-us\\d{1,2}|xkeysib-[a-f0-9]{40,}(?:-[A-Za-z0-9]+)?|xsmtpsib-[a-f0-9]{40,}(?:-[A-Za-z0-9]+)?|re_[A-Za-z0-9]{6,}_[A-Za-z0-9]{16,}' },
  { issuer: 'npm', form: 'npm_[A-Za-z0-9]{30,}' },
  { issuer: 'PyPI', form: 'pypi-[\\w-]{32,}' },
  { issuer: 'Cargo, RubyGems, NuGet, Clojars', form: 'cio[A-Za-z0-9]{32}(?![A-Za-z0-9])|rubygems_[a-f0-9]{40,}|oy2[a-z0-9]{43}|CLOJARS_[a-z0-9]{50,}' },
  { issuer: 'Docker', form: 'dckr_(?:pat|oat)_[\\w-]{16,}' },
  { issuer: 'JFrog', form: 'AKCp[A-Za-z0-9]{60,}|cmVmd[A-Za-z0-9]{50,}' },
  { issuer: 'Linear', form: 'lin_(?:api|oauth)_[A-Za-z0-9]{20,}' },
  { issuer: 'Notion', form: 'ntn_[A-Za-z0-9]{30,}|secret_[A-Za-z0-9]{32,}' },
  { issuer: 'Hugging Face', form: '(?:hf|api_org)_[A-Za-z0-9]{24,}' },
  { issuer: 'Databricks', form: 'dapi[0-9a-f]{32}(?:-\\d)?' },
  { issuer: 'DigitalOcean', form: 'do[opr]_v1_[0-9a-f]{40,}' },
  { issuer: 'Heroku', form: 'HRKU-[\\w-]{30,}' },
  { issuer: 'Telegram', form: '(?:bot)?\\d{8,12}:AA[\\w-]{32,}' },
  { issuer: 'Discord', form: '[MNO][A-Za-z\\d_-]{23,27}\\.[\\w-]{6}\\.[\\w-]{27,}' },
  { issuer: 'web hooks', form: 'hooks\\.slack\\.com/(?:services|workflows|triggers)/[\\w+/-]{20,}|discord(?:app)?\\.com/api/webhooks/\\d{5,}/[\\w-]{30,}|webhook\\.office\\.com/webhookb2/[\\w@/-]{40,}' },
  { issuer: 'HashiCorp', form: 'hv[sbr]\\.[\\w-]{20,}|[A-Za-z0-9]{14}\\.atlasv1\\.[\\w-]{40,}|s\\.(?=[A-Za-z]{0,20}\\d)[A-Za-z0-9]{24}(?![A-Za-z0-9.])' },
  { issuer: 'Shopify', form: 'shp(?:at|ca|pa|ss|tka)_[a-fA-F0-9]{24,}' },
  { issuer: 'Square', form: 'sq0[a-z]{3}-[\\w-]{20,}|EAAA[\\w-]{50,}' },
  { issuer: 'PayPal, Braintree, Plaid', form: 'access_token\\$(?:production|sandbox)\\$[0-9a-z]{16}\\$[0-9a-f]{32}|access-(?:sandbox|development|production)-[0-9a-f-]{36}' },
  { issuer: 'Facebook', form: 'EAA[A-Z][A-Za-z0-9]{60,}|\\d{15,16}\\|[\\w-]{27,40}(?![\\w-])' },
  { issuer: 'Twitter', form: 'A{18,}[A-Za-z0-9%]{60,}' },
  { issuer: 'Airtable', form: 'pat[A-Za-z0-9]{14}\\.[a-f0-9]{40,}' },
  { issuer: 'New Relic', form: 'NR(?:AK|JS|II|RA)-[A-Za-z0-9-]{19,}|[a-f0-9]{36}NRAL|eu01xx[a-f0-9]{30}NRAL' },
  { issuer: 'Sentry', form: 'sntr(?:ys|yu)_[\\w+/=-]{32,}' },
  { issuer: 'Grafana', form: 'glc_[A-Za-z0-9+/]{32,}={0,2}|glsa_[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}' },
  { issuer: 'Dynatrace', form: 'dt0[a-z]\\d\\d\\.[A-Z0-9]{8,}\\.[A-Z0-9]{40,}' },
  { issuer: 'Sonar', form: 'sq[apu]_[a-f0-9]{40}' },
  { issuer: 'Postman', form: 'PMAK-[a-f0-9]{20,}-[a-f0-9]{30,}' },
  { issuer: 'Pulumi, Prefect, Doppler', form: 'pul-[a-f0-9]{40}|pn[ubk]_[A-Za-z0-9]{36}|dp\\.(?:pt|st|ct|sa|scim|audit)\\.[A-Za-z0-9_.-]{30,}' },
  { issuer: 'PlanetScale, Supabase, Neon, Fauna', form: 'pscale_(?:tkn|oauth|pw)_[\\w=.-]{20,}|sbp_[a-z0-9]{40}|sb_secret_[\\w-]{20,}|napi_[a-z0-9]{40,}|fnA[A-Za-z0-9_-]{37,}' },
  { issuer: 'Vercel, Netlify, Fly, Render, Railway', form: 'vc[piark]_[A-Za-z0-9]{20,}|nfp_[A-Za-z0-9]{30,}|fo1_[\\w-]{40,}|fm[12][ar]?_[A-Za-z0-9+/=]{60,}|rnd_[A-Za-z0-9]{24,}|flyv1_[\\w-]{30,}' },
  { issuer: 'Cloudflare', form: 'v1\\.0-[a-f0-9]{24}-[a-f0-9]{100,}|cf(?:k|ut|at)_[A-Za-z0-9]{40,}' },
  { issuer: 'Alibaba, Tencent, Yandex', form: 'LTAI[A-Za-z0-9]{12,}|AKID[A-Za-z0-9]{28,}|AQVN[\\w-]{35,}|t1\\.[\\w-]+={0,2}\\.[\\w-]{80,}={0,2}|YC[A-Za-z0-9_-]{38}' },
  { issuer: 'Figma, Typeform, ReadMe, Contentful', form: 'fig[dorc]_[\\w-]{30,}|tfp_[\\w.=-]{40,}|rdme_[a-z0-9]{60,}|CFPAT-[\\w-]{40,}' },
  { issuer: 'Groq, Perplexity, xAI, Replicate, Cohere, Tavily, Cursor', form: 'gsk_[A-Za-z0-9]{30,}|pplx-[A-Za-z0-9]{30,}|xai-[A-Za-z0-9]{40,}|r8_[A-Za-z0-9]{30,}|tvly-[A-Za-z0-9-]{20,}|key_[a-f0-9]{60,}|lsv2_(?:pt|sk)_[a-f0-9_]{30,}|fw_[A-Za-z0-9]{22,}|nvapi-[\\w-]{40,}' },
  { issuer: 'Buildkite, CircleCI, Codecov, Snyk', form: 'bk(?:ua|aj|ct|oac)_[a-z0-9]{40}|CCI(?:PAT|PRJ)_[\\w]{20,}|snyk_(?:uat|sat)\\.[\\w.-]{20,}' },
  { issuer: 'Okta, 1Password, age, Tailscale, Infracost', form: 'ops_eyJ[A-Za-z0-9+/=]{100,}|A3-[A-Z0-9]{6}-[A-Z0-9]{6,11}-(?:[A-Z0-9]{5}-){2,3}[A-Z0-9]{5}|AGE-SECRET-KEY-1[A-Z0-9]{50,}|tskey-[a-z]+-[A-Za-z0-9-]{20,}|(?<![.\\w])ico-[A-Za-z0-9]{32}(?![.\\w])' },
  { issuer: 'OpenShift', form: 'sha256~[\\w-]{40,}' },
  { issuer: 'Shippo, EasyPost, Duffel, Flutterwave, Lob, Frame.io', form: 'shippo_(?:live|test)_[a-f0-9]{40}|(?<![+/])EZ[AT]K[A-Za-z0-9]{54}(?![A-Za-z0-9+/])|duffel_(?:live|test)_[\\w=-]{40,}|FLW(?:SECK|PUBK)(?:_TEST)?-[A-Za-z0-9]{12,}(?:-X)?|(?:live|test)_(?:pub_)?[a-f0-9]{35}|fio-u-[\\w=-]{60,}' },
  { issuer: 'MaxMind, Octopus, Adobe, Sourcegraph, ClickHouse', form: '[A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk|(?<![/=])API-[A-Z0-9]{26}(?![A-Z0-9])|s-s4t2(?:ud|af)-[a-f0-9]{64}|p8e-[a-z0-9]{32}|sgp_(?:[a-fA-F0-9]{16}_|local_)?[a-fA-F0-9]{40}|4b1d[A-Za-z0-9]{38}' },
  { issuer: 'Voiceflow, Ubidots, Dependency-Track, Telnyx, Teamwork, Scrapfly', form: 'VF\\.(?:DM|WS)\\.[A-Za-z0-9]{24}\\.[A-Za-z0-9]{16}|BBFF-[A-Za-z0-9]{30,}|odt_[A-Za-z0-9]{32,}|KEY[A-Z0-9][\\w-]{54,}|tkn\\.v1_[A-Za-z0-9+/=_-]{60,}|scp-(?:live|test)-[a-f0-9]{32}' },
  { issuer: 'ClickUp, ElevenLabs, MongoDB Atlas, Ionic, Flexport, Fleetbase', form: 'pk_\\d{6,9}_[A-Z0-9]{32}|sk_[a-f0-9]{48}|mdb_sa_sk_[\\w-]{32,}|ion_[A-Za-z0-9]{42}|shltm_[\\w-]{32,}|flb_live_[A-Za-z0-9]{20}' },
  { issuer: 'Salesforce, Zoho', form: '00D[A-Za-z0-9]{12,15}![\\w.]{60,}|1000\\.[a-f0-9]{32}\\.[a-f0-9]{30,}' },
  { issuer: 'Teams, before its present address', form: 'outlook\\.office\\.com/webhook/[\\w@/-]{40,}' },
  { issuer: 'Kerberos and Cisco: hashes of passwords', form: '\\$krb5\\w{2,8}\\$\\d\\d\\$[^\\s"\']{40,}|\\$[89]\\$[./A-Za-z0-9]{14}\\$[./A-Za-z0-9]{43}' },
  { issuer: 'crypt(3): hashes of passwords', form: '\\$(?:apr1|[156y]|2[aby])\\$[./A-Za-z0-9$=,]{20,}|\\$argon2(?:id?|d)\\$[./A-Za-z0-9$=,+]{20,}' },
] // biome-ignore format: a table

/** No token begins in the middle of a word. */
const TOKENS = new RegExp(`(?<![A-Za-z0-9_])(?:${TOKEN_RULES.map(({ form }) => form).join('|')})`, 'g')
/** Begins like ordinary names (`sk-learn-extension-pack`): believed where it is no row of plain words. */
const NAME_LIKE =
  /^(?:(?:sk-|speki_|secret_|key-|re_|pul-|pypi-|YC)[a-z_-]*|hf_[a-zA-Z]*[a-z]{4}[a-zA-Z]*|xox[a-z](?:-[A-Za-z_]+)+|xoxo-.*)$/

/** Amazon's id and secret in one row of a table. */
const ROW = /(?<![A-Za-z0-9_])((?:AKIA|ASIA)[A-Z0-9]{16}[,;:\s|]{1,3})[A-Za-z0-9/+]{40}/g
/** No token is shorter, and none holds a blank. */
const LONG_WORD = /\S{14,}/g

export function withoutTokens(text: string): string {
  return text.replace(ROW, `$1${REDACTED}`).replace(LONG_WORD, withoutTokensOfWord)
}

function withoutTokensOfWord(word: string): string {
  return word.replace(TOKENS, (token) => (NAME_LIKE.test(token) || /[xX]{8}/.test(token) ? token : REDACTED))
}
