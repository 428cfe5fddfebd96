#!/usr/bin/env bash
# `--wait-for-jobs` of Helm 3 (helm.sh/helm/v3 3.22.0, Go) counts the Pods of a Job and never reads its conditions. A Job that is Complete by its
# successPolicy is waited for until the timeout, and so is one that has Failed by a deadline, by its podFailurePolicy or by restarts of a container
# with restartPolicy OnFailure. A Job without `completions`, a work queue, counts as done before a Pod has run, and after it has failed.
# The documentation says that Helm waits "until all Jobs have been completed". Helm 4 reads the conditions, unless it waits in the legacy way.
# Issues 9285 and 30877 of Helm describe the failed Jobs.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > main.go <<'END'
package main

import (
	"context"
	"fmt"

	"helm.sh/helm/v3/pkg/kube"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/cli-runtime/pkg/resource"
	"k8s.io/client-go/kubernetes/fake"
)

func number(n int32) *int32 { return &n }

func job(completions, backoffLimit *int32, status batchv1.JobStatus, condition batchv1.JobConditionType) *batchv1.Job {
	if condition != "" {
		status.Conditions = []batchv1.JobCondition{{Type: condition, Status: corev1.ConditionTrue}}
	}
	return &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Name: "migrate", Namespace: "default"},
		Spec:       batchv1.JobSpec{Completions: completions, BackoffLimit: backoffLimit},
		Status:     status,
	}
}

func main() {
	for _, at := range []struct {
		what string
		job  *batchv1.Job
	}{
		{"3 of 3 succeeded, Complete", job(number(3), number(6), batchv1.JobStatus{Succeeded: 3}, batchv1.JobComplete)},
		{"1 of 3 succeeded, not over", job(number(3), number(6), batchv1.JobStatus{Succeeded: 1, Active: 2}, "")},
		{"7 Pods failed, Failed", job(number(1), number(6), batchv1.JobStatus{Failed: 7}, batchv1.JobFailed)},
		{"1 of 3 succeeded, Complete by successPolicy", job(number(3), number(6), batchv1.JobStatus{Succeeded: 1}, batchv1.JobComplete)},
		{"1 Pod failed, Failed by activeDeadlineSeconds", job(number(1), number(6), batchv1.JobStatus{Failed: 1}, batchv1.JobFailed)},
		{"work queue, 3 Pods active, not over", job(nil, number(6), batchv1.JobStatus{Active: 3}, "")},
		{"work queue, 1 Pod failed, Failed by podFailurePolicy", job(nil, number(6), batchv1.JobStatus{Failed: 1}, batchv1.JobFailed)},
	} {
		checker := kube.NewReadyChecker(fake.NewClientset(at.job), func(string, ...interface{}) {}, kube.CheckJobs(true))
		ready, err := checker.IsReady(context.Background(), &resource.Info{Name: "migrate", Namespace: "default", Object: at.job})
		verdict := "Helm waits"
		if err != nil {
			verdict = "Helm fails"
		} else if ready {
			verdict = "done"
		}
		fmt.Printf("%s: %s\n", at.what, verdict)
	}
}
END
go mod init finding >/dev/null 2>&1
go get helm.sh/helm/v3@v3.22.0 >/dev/null 2>&1
seen=$(go run -mod=mod . 2>/dev/null)
echo 'helm.sh/helm/v3 3.22.0:'
echo "$seen"
expected='3 of 3 succeeded, Complete: done
1 of 3 succeeded, not over: Helm waits
7 Pods failed, Failed: Helm fails
1 of 3 succeeded, Complete by successPolicy: Helm waits
1 Pod failed, Failed by activeDeadlineSeconds: Helm waits
work queue, 3 Pods active, not over: done
work queue, 1 Pod failed, Failed by podFailurePolicy: done'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
