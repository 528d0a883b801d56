import { hostFollowers } from '../../jobs/followers.ts'
import type { HostedWork } from '../../jobs/host.ts'
import { hostJobs } from '../../jobs/queue.ts'
import type { ExecutionContext } from '../context.ts'
import { retentionJob } from '../retention.ts'
import { hostRuns } from './host-runs.ts'

/** Everything that runs in the background of a workspace: the one list of jobs and of subscribers. */
export function hostedWork(context: ExecutionContext, random: () => number): readonly HostedWork[] {
  return [hostRuns(context), hostJobs([retentionJob(context)], random), hostFollowers([], random)]
}
