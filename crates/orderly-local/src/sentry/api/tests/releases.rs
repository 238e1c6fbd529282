use serde_json::{Value, json};

use super::harness::Api;

const LIST: &str = "/organizations/acme/releases/";

#[tokio::test]
async fn a_release_is_made_once_and_found_again() {
    let api = Api::start().await;
    let body = json!({"version": "shop@1.2.3+7", "projects": ["backend"], "ref": "main"});
    let created = api.post(LIST, body.clone()).await;
    assert_eq!(created.status, 201);
    for key in
        "id version shortVersion versionInfo status ref url dateCreated dateReleased data newGroups owner \
                commitCount lastCommit deployCount lastDeploy authors projects firstEvent lastEvent \
                currentProjectMeta userAgent"
            .split_whitespace()
    {
        assert!(created.body.get(key).is_some(), "{key}");
    }
    assert_eq!(created.body["versionInfo"]["description"], "1.2.3 (7)");
    assert_eq!(api.post(LIST, body).await.status, 208);
    assert_eq!(api.get(LIST).await.body.as_array().map(Vec::len), Some(1));
    assert!(created.body["dateCreated"].as_str().unwrap().ends_with('Z'));
    let project = api.get("/projects/acme/backend/").await.body;
    assert_eq!(project["latestRelease"]["version"], "shop@1.2.3+7");
}

#[tokio::test]
async fn versions_with_every_awkward_character_are_addressed_percent_encoded() {
    let api = Api::start().await;
    for (version, path) in [
        ("shop@1.0.0+7", "shop@1.0.0+7"),
        ("shop@1.0.0+8", "shop%401.0.0%2B8"),
        ("feature/cart", "feature%2Fcart"),
        ("été 2026", "%C3%A9t%C3%A9%202026"),
        ("50%", "50%25"),
    ] {
        let created = api.post(LIST, json!({"version": version, "projects": ["backend"]})).await;
        assert_eq!(created.status, 201, "{version}");
        let found = api.get(&format!("{LIST}{path}/")).await;
        assert_eq!((found.status, &found.body["version"]), (200, &Value::from(version)), "{version}");
        let deploys = format!("{LIST}{path}/deploys/");
        assert_eq!(api.post(&deploys, json!({"environment": "prod"})).await.status, 201, "{version}");
    }
}

#[tokio::test]
async fn versions_that_cannot_be_addressed_are_refused() {
    let api = Api::start().await;
    let long = "v".repeat(201);
    for version in ["", " ", ".", "..", "latest", "a\nb", "a\tb", "a\\b", &long] {
        let answer = api.post(LIST, json!({"version": version, "projects": ["backend"]})).await;
        assert_eq!(answer.status, 400, "{version:?}");
        assert!(answer.body["version"].is_array(), "{version:?}");
    }
    assert_eq!(api.post(LIST, json!({"version": "1"})).await.status, 400);
    assert_eq!(api.post(LIST, json!({"version": "1", "projects": ["nothing"]})).await.status, 400);
}

#[tokio::test]
async fn a_release_is_finalized_archived_and_deleted() {
    let api = Api::start().await;
    api.post(LIST, json!({"version": "1.0.0", "projects": ["backend"]})).await;
    let path = format!("{LIST}1.0.0/");
    let body = json!({"projects": ["frontend"], "dateReleased": "2026-11-21T09:00:00.123456789Z"});
    let finalized = api.put(&path, body).await.body;
    assert_eq!(finalized["dateReleased"], "2026-11-21T09:00:00.123456Z");
    assert_eq!(finalized["projects"].as_array().map(Vec::len), Some(2));
    let archived = api.post(LIST, json!({"version": "1.0.0", "projects": [], "status": "archived"})).await;
    assert_eq!((archived.status, &archived.body["status"]), (208, &Value::from("archived")));
    assert_eq!(api.get(&format!("{LIST}?status=open")).await.body, json!([]));
    assert_eq!(api.put(&path, json!({"dateReleased": "soon"})).await.status, 400);
    assert_eq!(api.delete(&path).await.status, 204);
    assert_eq!(api.get(&path).await.status, 404);
}

#[tokio::test]
async fn lists_are_newest_first_and_narrowed_by_project_environment_and_text() {
    let api = Api::start().await;
    for (version, project) in [("a@1.0", "backend"), ("a@1.1", "backend"), ("b@1.0", "frontend")] {
        api.post(LIST, json!({"version": version, "projects": [project]})).await;
    }
    let deployed = api.post(&format!("{LIST}a@1.0/deploys/"), json!({"environment": "staging"})).await;
    assert_eq!(deployed.status, 201);
    let versions = async |query: &str| {
        let list = api.get(&format!("{LIST}?{query}")).await.body;
        list.as_array()
            .unwrap()
            .iter()
            .map(|release| release["version"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(versions("per_page=2").await, ["b@1.0", "a@1.1"]);
    assert_eq!(versions("per_page=2&cursor=0:2:0").await, ["a@1.0"]);
    assert_eq!(versions("query=a@").await, ["a@1.1", "a@1.0"]);
    assert_eq!(versions("project=frontend").await, ["b@1.0"]);
    assert_eq!(versions("project=-1").await.len(), 3);
    assert_eq!(versions("environment=staging").await, ["a@1.0"]);
    assert_eq!(api.get(&format!("{LIST}?project=nothing")).await.status, 400);
    assert_eq!(api.get("/projects/acme/frontend/releases/").await.body.as_array().map(Vec::len), Some(1));
    assert_eq!(api.get("/projects/acme/frontend/releases/a@1.0/").await.status, 404);
}

#[tokio::test]
async fn deploys_are_listed_with_their_release_and_create_the_environment() {
    let api = Api::start().await;
    api.post(LIST, json!({"version": "1.0.0", "projects": ["backend"]})).await;
    let path = format!("{LIST}1.0.0/deploys/");
    assert_eq!(api.post(&path, json!({})).await.status, 400);
    let body = json!({"environment": "prod", "name": null, "url": null, "dateStarted": null,
                      "dateFinished": "2026-11-21T09:00:00Z"});
    let created = api.post(&path, body).await;
    assert_eq!((created.status, &created.body["environment"]), (201, &Value::from("prod")));
    assert_eq!(api.get(&path).await.body, json!([created.body]));
    let release = api.get(&format!("{LIST}1.0.0/")).await.body;
    assert_eq!((&release["deployCount"], &release["lastDeploy"]), (&json!(1), &created.body));
    assert_eq!(api.get("/organizations/acme/environments/").await.body[0]["name"], "prod");
    assert_eq!(api.get("/projects/acme/frontend/environments/").await.body, json!([]));
}

#[tokio::test]
async fn the_commits_of_a_release_are_read_back_with_their_files_and_authors() {
    let api = Api::start().await;
    let body = json!({
        "version": "1.0.0",
        "projects": ["backend"],
        "commits": [
            {"id": "bbb", "repository": "acme/shop", "message": "Second", "author_name": "Tom",
             "author_email": "tom@localhost", "timestamp": "2026-11-20T09:00:00Z",
             "patch_set": [{"path": "src/cart.py", "type": "M"}]},
            {"id": "aaa", "repository": "acme/shop", "message": "First", "author_name": "Stranger",
             "author_email": "stranger@elsewhere.example"},
        ],
    });
    assert_eq!(api.post(LIST, body).await.status, 201);
    let commits = api.get(&format!("{LIST}1.0.0/commits/")).await.body;
    assert_eq!((&commits[0]["id"], &commits[1]["id"]), (&json!("bbb"), &json!("aaa")));
    assert_eq!(commits[0]["author"]["username"], "tom");
    assert_eq!(commits[1]["author"], json!({"name": "Stranger", "email": "stranger@elsewhere.example"}));
    assert_eq!(commits[0]["repository"]["name"], "acme/shop");
    assert_eq!(commits[0]["releases"][0]["version"], "1.0.0");
    let files = api.get(&format!("{LIST}1.0.0/commitfiles/")).await.body;
    assert_eq!((&files[0]["filename"], &files[0]["type"]), (&json!("src/cart.py"), &json!("M")));
    let release = api.get(&format!("{LIST}1.0.0/")).await.body;
    assert_eq!((&release["commitCount"], &release["lastCommit"]["id"]), (&json!(2), &json!("bbb")));
    api.post(LIST, json!({"version": "1.1.0", "projects": ["backend"]})).await;
    let previous = api.get(&format!("{LIST}1.1.0/previous-with-commits/")).await.body;
    assert_eq!(previous["version"], "1.0.0");
    assert_eq!(api.get(&format!("{LIST}1.0.0/previous-with-commits/")).await.body, json!({}));
    assert_eq!(api.get(&format!("{LIST}1.0.0/files/")).await.body, json!([]));
}

#[tokio::test]
async fn refs_need_a_registered_repository() {
    let api = Api::start().await;
    let body = json!({"version": "1.0.0", "projects": ["backend"], "refs": [{"repository": "acme/shop", "commit": "abc"}]});
    assert_eq!(api.post(LIST, body.clone()).await.status, 400);
    assert_eq!(api.get(&format!("{LIST}1.0.0/")).await.status, 404, "a refused body changes nothing");
    let registered = api.post("/organizations/acme/repos/", json!({"name": "acme/shop"})).await;
    assert_eq!(registered.status, 201);
    assert_eq!(api.post("/organizations/acme/repos/", json!({"name": "acme/shop"})).await.status, 409);
    assert_eq!(api.post(LIST, body).await.status, 201);
    assert_eq!(api.get(&format!("{LIST}1.0.0/commits/")).await.body[0]["id"], "abc");
    let repositories = api.get("/organizations/acme/repos/?cursor=").await.body;
    for key in ["id", "name", "url", "provider", "status", "dateCreated"] {
        assert!(repositories[0].get(key).is_some(), "{key}");
    }
}
