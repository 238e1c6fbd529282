use serde_json::Value;

use super::harness::Api;

/// The keys that a client needs, from the documentation and from what the official clients were seen to read.
fn assert_keys(value: &Value, keys: &str) {
    let fields = value.as_object().unwrap_or_else(|| panic!("not an object: {value}"));
    for key in keys.split_whitespace() {
        assert!(fields.contains_key(key), "{key} is missing in {value}");
    }
}

#[tokio::test]
async fn an_organization_has_every_documented_key_and_no_region_address() {
    let api = Api::start().await;
    let list = api.get("/organizations/?per_page=100").await.body;
    assert_keys(&list[0], "id slug name status dateCreated isEarlyAdopter require2FA avatar links features");
    assert_eq!(list[0]["links"]["regionUrl"], "");
    assert!(list[0]["links"]["organizationUrl"].as_str().unwrap().starts_with("http://127.0.0.1:"));
    let detail = api.get("/organizations/acme/").await.body;
    assert_keys(
        &detail,
        "access allowSharedIssues availableRoles avatar dataScrubber dataScrubberDefaults dateCreated defaultRole \
         enhancedPrivacy experiments features id isDefault isEarlyAdopter name onboardingTasks openMembership \
         pendingAccessRequests projects quota require2FA safeFields scrapeJavaScript scrubIPAddresses \
         sensitiveFields slug status storeCrashReports teams trustedRelays",
    );
    assert_eq!(detail["projects"].as_array().map(Vec::len), Some(2));
    let by_id = format!("/organizations/{}/", detail["id"].as_str().unwrap());
    assert_eq!(api.get(&by_id).await.body["slug"], "acme");
}

#[tokio::test]
async fn the_caller_learns_who_it_is() {
    let api = Api::start().await;
    let me = api.get("/auth/").await.body;
    assert_keys(&me, "id name username email dateJoined emails isActive avatar");
    assert_eq!(api.get("/users/me/").await.body["id"], me["id"]);
    assert_eq!(api.get(&format!("/users/{}/", me["id"].as_str().unwrap())).await.status, 200);
    assert_eq!(api.get("/users/9999/").await.status, 404);
    let root = api.get("/").await.body;
    assert_eq!((&root["version"], &root["user"]["id"]), (&Value::from("0"), &me["id"]));
    assert_eq!(root["auth"]["scopes"].as_array().map(Vec::len), Some(20));
    let regions = api.get("/users/me/regions/").await.body;
    assert_keys(&regions["regions"][0], "name url");
}

#[tokio::test]
async fn a_project_has_the_keys_that_clients_read_under_its_slug_and_id() {
    let api = Api::start().await;
    let list = api.get("/organizations/acme/projects/").await.body;
    let keys = "id slug name platform dateCreated isBookmarked isMember hasAccess access features firstEvent \
                team teams environments latestRelease platforms status eventProcessing hasSessions hasReplays";
    assert_keys(&list[0], keys);
    let detail = api.get("/projects/acme/backend/?collapse=organization").await.body;
    assert_keys(&detail, keys);
    assert_keys(&detail, "organization options digestsMinDelay digestsMaxDelay allowedDomains resolveAge");
    assert_eq!(detail["organization"]["slug"], "acme");
    assert_eq!(detail["team"]["slug"], "platform");
    let by_id = format!("/projects/acme/{}/", detail["id"].as_str().unwrap());
    assert_eq!(api.get(&by_id).await.body["slug"], "backend");
}

#[tokio::test]
async fn a_dsn_key_names_its_project() {
    let api = Api::start().await;
    let keys = api.get("/projects/acme/frontend/keys/").await.body;
    assert_keys(
        &keys[0],
        "id name label public secret projectId isActive rateLimit dsn browserSdkVersion browserSdk dateCreated dynamicSdkLoaderOptions",
    );
    assert_keys(&keys[0]["dsn"], "public secret csp security minidump nel unreal crons cdn otlp_traces");
    let public = keys[0]["public"].as_str().unwrap();
    assert!(keys[0]["dsn"]["public"].as_str().unwrap().starts_with(&format!("http://{public}@127.0.0.1:")));
    let found = api.get(&format!("/projects/?query=dsn:{public}")).await.body;
    assert_eq!(found.as_array().map(Vec::len), Some(1));
    assert_eq!(found[0]["slug"], "frontend");
    assert_eq!(found[0]["organization"]["slug"], "acme");
    assert_eq!(api.get("/projects/?query=dsn:0000").await.body.as_array().map(Vec::len), Some(0));
    assert_eq!(api.get("/organizations/acme/project-keys/").await.body.as_array().map(Vec::len), Some(2));
}

#[tokio::test]
async fn people_and_teams_are_listed_from_every_side() {
    let api = Api::start().await;
    let members = api.get("/organizations/acme/members/").await.body;
    assert_eq!(members.as_array().map(Vec::len), Some(3));
    assert_keys(
        &members[0],
        "id email name user role orgRole pending expired flags dateCreated inviteStatus teams projects",
    );
    let teams = api.get("/organizations/acme/teams/").await.body;
    assert_keys(
        &teams[0],
        "id slug name dateCreated isMember teamRole flags access hasAccess isPending memberCount avatar externalTeams projects",
    );
    assert_eq!(teams[0]["memberCount"], 3);
    for path in
        ["/teams/acme/platform/members/", "/projects/acme/backend/members/", "/projects/acme/backend/users/"]
    {
        assert_eq!(api.get(path).await.body.as_array().map(Vec::len), Some(3), "{path}");
    }
    assert_eq!(api.get("/teams/acme/platform/").await.body["organization"]["slug"], "acme");
    assert_eq!(api.get("/organizations/acme/members/?query=mina").await.body[0]["email"], "mina@localhost");
    assert_eq!(api.get("/organizations/acme/members/me/").await.body["email"], members[0]["email"]);
}

#[tokio::test]
async fn the_app_installation_through_which_links_are_made_is_listed() {
    let api = Api::start().await;
    let list = api.get("/organizations/acme/sentry-app-installations/").await.body;
    assert_keys(&list[0], "uuid status app organization");
    assert_eq!(list[0]["app"]["slug"], "orderly");
    let uuid = list[0]["uuid"].as_str().unwrap();
    assert_eq!(api.get(&format!("/sentry-app-installations/{uuid}/")).await.body, list[0]);
}

#[tokio::test]
async fn what_there_is_none_of_is_answered_as_an_organization_without_it_would() {
    let api = Api::start().await;
    for path in ["monitors", "workflows", "incidents", "alert-rules", "combined-rules"] {
        let answer = api.get(&format!("/organizations/acme/{path}/?per_page=25")).await;
        assert_eq!((answer.status, answer.body), (200, Value::Array(Vec::new())), "{path}");
    }
    assert_eq!(api.get("/organizations/acme/replay-count/").await.body.to_string(), "{}");
    assert_eq!(api.get("/organizations/acme/trace/abc/").await.body.to_string(), "[]");
    assert_eq!(api.get("/organizations/acme/issues/1/autofix/").await.body["autofix"], Value::Null);
    assert_eq!(api.post("/organizations/acme/issues/1/autofix/", Value::Null).await.status, 403);
}
