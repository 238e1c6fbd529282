use super::*;
use crate::traffic::deed::Deed;
use std::collections::BTreeSet;

const START: i64 = 1_800_000_000;

fn events(story: &Story) -> Vec<&crate::traffic::deed::Sent> {
    let deeds = story.hours.iter().flat_map(|hour| &hour.deeds);
    deeds
        .filter_map(|deed| match deed {
            Deed::Event(sent) => Some(sent),
            _ => None,
        })
        .collect()
}

#[test]
fn every_story_has_a_name_and_the_same_number_tells_it_again() {
    for scenario in Scenario::ALL {
        assert_eq!(scenario.name().parse(), Ok(scenario));
    }
    for scenario in [Scenario::Shop, Scenario::AuthAttack] {
        let told = scenario.story(7, START);
        assert_eq!(told, scenario.story(7, START), "{scenario}");
        assert_ne!(told.hours, scenario.story(8, START).hours, "{scenario}");
    }
    assert!("shopp".parse::<Scenario>().unwrap_err().to_string().contains("shop, api-outage"));
}

#[test]
fn a_story_is_large_enough_to_tell_and_small_enough_to_play() {
    for scenario in Scenario::ALL {
        let story = scenario.story(1, START);
        let mut ids = BTreeSet::new();
        let mut reports = 0;
        for hour in &story.hours {
            let begins = START + i64::from(hour.number) * 3600;
            for deed in &hour.deeds {
                assert!(
                    deed.at().is_none_or(|at| (begins..begins + 3600).contains(&at)),
                    "{scenario} {deed:?}"
                );
                if let Deed::Event(sent) | Deed::Transaction(sent) = deed {
                    assert!(ids.insert(sent.id.clone()), "{scenario} sends {} twice", sent.id);
                    assert!(scenario.projects().contains(&sent.project));
                    reports += 1;
                }
            }
        }
        assert!((1_000..20_000).contains(&reports), "{scenario}: {reports} reports");
    }
}

#[test]
fn the_truth_agrees_with_what_is_told() {
    for scenario in Scenario::ALL {
        let story = scenario.story(3, START);
        let Some(incident) = &story.truth.incident else {
            assert!(matches!(scenario, Scenario::Shop | Scenario::Quiet));
            continue;
        };
        let lasts = incident.starts.as_second()..incident.ends.as_second();
        let (mut inside, mut outside) = (0, 0);
        for sent in events(&story) {
            let kind = sent.payload["exception"]["values"][0]["type"].as_str().unwrap();
            if kind == incident.errors[0] {
                // A slow request fails some seconds after it was made.
                let told = if lasts.contains(&sent.at) || lasts.contains(&(sent.at - 20)) {
                    &mut inside
                } else {
                    &mut outside
                };
                *told += 1;
                assert!(incident.services.contains(&sent.project), "{scenario}");
            }
        }
        assert!(inside >= 20, "{scenario}: {inside} failures");
        assert_eq!(outside, 0, "{scenario}");
        assert!(
            incident
                .mitigations
                .last()
                .is_some_and(|last| last.effect == Measure::Worked && last.at == incident.ends)
        );
        assert!(story.live_from > 0 && lasts.start < story.truth.ends.as_second());
    }
}

#[test]
fn an_outage_hits_two_of_five_users_and_a_flag_only_those_who_have_it() {
    let outage = Scenario::ApiOutage.story(20, START).truth.incident.unwrap();
    assert!((0.3..=0.42).contains(&outage.users_share), "{}", outage.users_share);
    assert!(matches!(outage.cause, Cause::Outside { .. }));
    let story = Scenario::BadFlag.story(20, START);
    let flagged = events(&story).into_iter().filter(|sent| {
        sent.payload["exception"]["values"][0]["value"].as_str().unwrap().contains("no delivery slot")
    });
    for sent in flagged {
        assert_eq!(sent.payload["contexts"]["flags"]["values"][0]["result"], true);
    }
}

#[test]
fn a_bad_release_is_the_newest_one_and_is_rolled_back() {
    let story = Scenario::BadDeploy.story(20, START);
    let incident = story.truth.incident.unwrap();
    let Cause::Deploy { project, release } = incident.cause else { panic!("{:?}", incident.cause) };
    let of_project: Vec<_> = story.truth.deploys.iter().filter(|deploy| deploy.project == project).collect();
    let guilty = of_project.iter().position(|deploy| deploy.release == release).unwrap();
    assert!(of_project[guilty].at < incident.starts);
    assert_eq!(of_project[guilty + 1].release, of_project[guilty - 1].release);
    assert_eq!(of_project[guilty + 1].at, incident.ends);
}
