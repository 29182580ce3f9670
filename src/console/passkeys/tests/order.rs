//! Signed one after the other, and here the other way round: no copy was made. A thief who holds one gains nothing by it.

use super::*;

#[test]
fn an_answer_that_another_overtook_does_nothing_and_ends_nothing() {
    in_runtime(async {
        let bench = Bench::new();
        let (seat, mut soft) = (Seat::of(&bench, "u1"), Soft::new(5));
        seat.add(&mut soft, "k", PIN).await.unwrap();
        let (one, two) = (seat.department("d1"), seat.department("d2"));
        let first = seat.ask(ACT, &one).await.unwrap();
        let second = seat.ask(ACT, &two).await.unwrap();
        let early = soft.sign(&first["asked"], &here());
        let late = soft.sign(&second["asked"], &here());
        let pass = seat.answer(&second, late).await.unwrap();
        let refused = seat.answer(&first, early).await.unwrap_err();
        assert!(refused.contains("came first"), "{refused}");
        let view = bench.open.station.world().ledger.view().unwrap();
        assert!(duty::cloned(&*view).unwrap().is_empty());
        drop(view);
        assert_eq!(keys(&bench, "u1")[0].counter, 7, "it counts still, and as before");
        // What the second signed is done, and the first once it is signed anew.
        assert!(seat.form(ACT, &two, &pass).await.0);
        let again = seat.pass(&mut soft, ACT, &one).await.unwrap();
        assert!(seat.form(ACT, &one, &again).await.0 && departments(&bench) == 2);
        // To a question of now a lower count is a copy's.
        soft.counter = 5;
        let refused = seat.pass(&mut soft, ACT, &one).await.unwrap_err();
        assert!(refused.contains("counts backwards") && keys(&bench, "u1").is_empty(), "{refused}");
    });
}

/// Asked before the owner signed, and answered after: with a count that was seen, or that was known when it was asked.
#[test]
fn a_copy_that_waits_with_its_answer_is_seen_all_the_same() {
    in_runtime(async {
        for count in [5, 6] {
            let bench = Bench::new();
            let (seat, mut soft) = (Seat::of(&bench, "u1"), Soft::new(5));
            seat.add(&mut soft, "k", PIN).await.unwrap();
            let form = seat.department("d1");
            let kept = seat.ask(ACT, &form).await.unwrap();
            seat.pass(&mut soft, ACT, &form).await.unwrap();
            soft.counter = count - 1;
            let refused = seat.answer(&kept, soft.sign(&kept["asked"], &here())).await.unwrap_err();
            assert!(refused.contains("counts backwards"), "{count}: {refused}");
            assert!(keys(&bench, "u1").is_empty(), "{count}");
        }
    });
}
