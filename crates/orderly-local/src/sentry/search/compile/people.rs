//! Filters on people and teams: who is assigned, who is suggested, who bookmarked.

use crate::sentry::search::fragment::Fragment;
use crate::sentry::search::query::{Person, TermKey};

use super::{ASSIGNED, OwnerRule, OwnerSubject, Scope};

pub(super) fn assigned(persons: &[Person], scope: &Scope<'_>) -> Fragment {
    Fragment::any(persons.iter().map(|person| assigned_to(person, scope)))
}

fn assigned_to(person: &Person, scope: &Scope<'_>) -> Fragment {
    let assigned = Fragment::new("EXISTS (SELECT 1 FROM assignment a WHERE a.issue_id = issue.id AND ");
    match person {
        Person::Nobody => Fragment::new(ASSIGNED).negated(),
        Person::MyTeams => assigned.sql("a.team_id IN ").ints(scope.teams).sql(")"),
        Person::Team(slug) => assigned
            .sql("a.team_id IN (SELECT t.id FROM team t WHERE t.slug = ")
            .text(slug.as_str())
            .sql("))"),
        Person::Me | Person::Named(_) => {
            assigned.sql("a.member_id IN ").then(members(person, scope)).sql(")")
        }
    }
}

/// `(1)` or a subselect of member ids; nobody for a team.
fn members(person: &Person, scope: &Scope<'_>) -> Fragment {
    match person {
        Person::Me => Fragment::default().ints(scope.member.as_slice()),
        Person::Named(name) => Fragment::new("(SELECT m.id FROM member m WHERE lower(m.email) = ")
            .text(name.as_str())
            .sql(" OR lower(m.username) = ")
            .text(name.as_str())
            .sql(")"),
        Person::MyTeams | Person::Nobody | Person::Team(_) => Fragment::default().ints(&[]),
    }
}

pub(super) fn bookmarked(persons: &[Person], scope: &Scope<'_>) -> Fragment {
    let table = "EXISTS (SELECT 1 FROM issue_bookmark b WHERE b.issue_id = issue.id AND b.member_id IN ";
    Fragment::any(persons.iter().map(|person| Fragment::new(table).then(members(person, scope)).sql(")")))
}

pub(super) fn subscribed(persons: &[Person], scope: &Scope<'_>) -> Fragment {
    let table = "EXISTS (SELECT 1 FROM issue_subscription s WHERE s.issue_id = issue.id AND s.is_active = 1 AND s.member_id IN ";
    Fragment::any(persons.iter().map(|person| Fragment::new(table).then(members(person, scope)).sql(")")))
}

/// Assigned to the person, or to nobody while an ownership rule or a suspect commit points at the person.
pub(super) fn assigned_or_suggested(persons: &[Person], scope: &Scope<'_>) -> Fragment {
    Fragment::any(persons.iter().flat_map(|person| {
        let suggested = match person {
            Person::Nobody => Fragment::any([suggested_to_anybody(scope), suspect_commit(None)]).negated(),
            other => suggested_to(other, scope),
        };
        let unassigned = Fragment::new(ASSIGNED).negated();
        let suggested = Fragment::all([unassigned, suggested]);
        match person {
            Person::Nobody => vec![suggested],
            other => vec![assigned_to(other, scope), suggested],
        }
    }))
}

fn suggested_to_anybody(scope: &Scope<'_>) -> Fragment {
    Fragment::any(scope.owner_rules.iter().map(rule_matches))
}

/// By the deciding rule, which is the last one that matches, or by a suspect commit.
fn suggested_to(person: &Person, scope: &Scope<'_>) -> Fragment {
    let by_rule = scope.owner_rules.iter().rev().fold(None, |cases: Option<Fragment>, rule| {
        let cases = cases.unwrap_or_else(|| Fragment::new("CASE"));
        Some(cases.sql(" WHEN ").then(rule_matches(rule)).sql(" THEN ").then(names(rule, person, scope)))
    });
    let by_commit = match person {
        Person::Me | Person::Named(_) => Some(suspect_commit(Some(members(person, scope)))),
        Person::MyTeams | Person::Team(_) | Person::Nobody => None,
    };
    Fragment::any(by_rule.map(|cases| cases.sql(" ELSE 0 END")).into_iter().chain(by_commit))
}

fn names(rule: &OwnerRule, person: &Person, scope: &Scope<'_>) -> Fragment {
    let constant = |yes: bool| Fragment::new(if yes { "1" } else { "0" });
    match person {
        Person::Me => constant(scope.member.is_some_and(|member| rule.members.contains(&member))),
        Person::MyTeams => constant(rule.teams.iter().any(|team| scope.teams.contains(team))),
        Person::Team(slug) => Fragment::new("EXISTS (SELECT 1 FROM team t WHERE t.slug = ")
            .text(slug.as_str())
            .sql(" AND t.id IN ")
            .ints(&rule.teams)
            .sql(")"),
        Person::Named(_) => Fragment::new("EXISTS (SELECT 1 FROM member m WHERE m.id IN ")
            .ints(&rule.members)
            .sql(" AND m.id IN ")
            .then(members(person, scope))
            .sql(")"),
        Person::Nobody => Fragment::new("0"),
    }
}

fn rule_matches(rule: &OwnerRule) -> Fragment {
    let in_project = Fragment::new("issue.project_id = ").int(rule.project);
    let value = |key: TermKey| {
        Fragment::new("EXISTS (SELECT 1 FROM issue_term o WHERE o.issue_id = issue.id AND o.key = ")
            .text(key.as_str())
            .sql(" AND (o.value LIKE ")
            .text(rule.pattern.like())
            .sql(" ESCAPE '\\' OR o.value LIKE ")
            .text(format!("%/{}", rule.pattern.like()))
            .sql(" ESCAPE '\\'))")
    };
    let tag = |key: &str| {
        Fragment::new("EXISTS (SELECT 1 FROM issue_tag o WHERE o.issue_id = issue.id AND o.key = ")
            .text(key)
            .sql(" AND o.value LIKE ")
            .text(rule.pattern.like())
            .sql(" ESCAPE '\\')")
    };
    let matching = match &rule.subject {
        OwnerSubject::Path => value(TermKey::InAppPath),
        OwnerSubject::Module => value(TermKey::InAppModule),
        OwnerSubject::Url => tag("url"),
        OwnerSubject::Tag(key) => tag(key),
    };
    Fragment::all([in_project, matching])
}

/// A commit of the first release changed a file that an in-app frame lies in. `authors` restricts whose.
fn suspect_commit(authors: Option<Fragment>) -> Fragment {
    let commit = Fragment::new(
        "EXISTS (SELECT 1 FROM release_commit rc JOIN vcs_commit vc ON vc.id = rc.commit_id \
         JOIN vcs_commit_file vf ON vf.commit_id = vc.id \
         JOIN member author ON lower(author.email) = lower(vc.author_email) \
         JOIN issue_term o ON o.issue_id = issue.id AND o.key = 'in_app.path' \
         AND (vf.path = o.value OR substr(vf.path, -length(o.value) - 1) = '/' || o.value \
              OR substr(o.value, -length(vf.path) - 1) = '/' || vf.path) \
         WHERE rc.release_id = issue.first_release_id",
    );
    match authors {
        Some(authors) => commit.sql(" AND author.id IN ").then(authors).sql(")"),
        None => commit.sql(")"),
    }
}
