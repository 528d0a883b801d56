/**
 * How the samples of two public scanners (kingfisher, noseyparker) name a secret: facts of their shape, with bodies of ours, from
 * the half of their issuers that was looked at.
 */
export const FIRST_SEEN_SECRETS: readonly string[] = [
  'rawg SECRET «{H32}»',
  'podioToken «{L32}»',
  'scrapingant123TOKEN.«{L32}»',
  'zerobounceACCESS=«{L32}»',
  'weatherbit ACCESS_KEY «{H32}»',
  'shipday_secret abc.def.«{L32}»',
  'squarespace-secret-«{U}»',
  'urlscan-access-token-key-«{U}»',
  'todoist SECRET «{H40}»',
  'tmetric TOKEN «{H64}»',
  'qase_key = «{H40}»',
  'wistia_key = «{H64}»',
  'sendbird secret «{L24}»',
  'sportsmonkPRIVATE:«{A60}»',
  'yousign =PRIVATE:«{H32}»',
  'odt_«{A36}»',
  'VF.DM.«{H24}».«{A16}»',
  'BBFF-«{A32}»',
  'mdb_sa_sk_«{W40}»',
  '1000.«{H32}».«{H32}»',
  'https://outlook.office.com/webhook/«{U}»@«{U}»/IncomingWebhook/«{H32}»/«{U}»',
]
/** The same words where what follows is nothing secret. */
export const FIRST_SEEN_HARMLESS: readonly string[] = [
  'cache key {H40} was used',
  'primary key {U}',
  'public key: {H64}',
  'exit code 137 after 20s',
  "import { sessionIdFromMessageParams, messageIdKey, sessionIdFromResponseResult } from './ids.js'",
  'CLIENT_INFO_META_KEY, CallToolRequestParamsSchema, TitledSingleSelectEnumSchema',
  'Restored from key: Linux-node-{H64}',
  'cache restored with key setup-node-{H40}',
  'the access log is at logs/access.2026-12-01T03-26-21.log',
  'object key images/2026/12/photo-0001-large.png',
  'api version 2026-11-30-preview',
  'status code 200, content hash sha256-{B43}=',
]
